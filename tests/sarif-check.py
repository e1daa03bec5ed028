# Is a file SARIF 2.1.0? What the standard demands of the parts that truce writes, and that what points points to
# something: sarif-check.py FILE [NUMBER_OF_RESULTS]
import json
import re
import sys

log = json.load(open(sys.argv[1]))
assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
assert set(log) == {"$schema", "version", "runs"} and len(log["runs"]) == 1
run = log["runs"][0]
driver = run["tool"]["driver"]
assert driver["name"] == "truce" and driver["version"]
rules = [rule["id"] for rule in driver["rules"]]
assert len(set(rules)) == len(rules)
for result in run["results"]:
    assert rules[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("none", "note", "warning", "error")
    assert result["message"]["text"]
    assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["truceFinding/v1"])
    assert result["locations"]
    for location in result["locations"] + result.get("relatedLocations", []):
        physical = location["physicalLocation"]
        artifact = physical["artifactLocation"]
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", artifact["uri"]) and not artifact["uri"].startswith("/")
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        region = physical.get("region")
        assert not region or 1 <= region["startLine"] <= region["endLine"]
        assert location["message"]["text"]
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] in ("inSource", "external") and suppression["justification"]
if len(sys.argv) > 2:
    assert len(run["results"]) == int(sys.argv[2]), len(run["results"])
