-- Version 4: a step may be one whole patch; why a hunk is not taken where it is accounted for; and the
-- parts of hunks that earlier patches than a hunk's last one bring.
ALTER TABLE kept_step ADD COLUMN whole INTEGER NOT NULL DEFAULT 0; -- exactly one patch
-- taken, stood-for, anew, falls, waits; part: a part of it, which a later step accounts for
ALTER TABLE kept_plan_hunk ADD COLUMN fate TEXT NOT NULL DEFAULT 'taken';
UPDATE kept_plan_hunk SET fate = 'stood-for' WHERE superseded;
ALTER TABLE kept_plan_hunk DROP COLUMN superseded;
