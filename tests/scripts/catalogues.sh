# Every shipped catalogue, and the example in docs/rules.md, is what the published schema says.
python=/usr/bin/python3
"$python" -c 'import yaml, jsonschema' 2>/dev/null || {
	echo "SKIPPED: python3-yaml and python3-jsonschema are needed"
	exit 77
}
sed -n '/^```yaml$/,/^```$/p' "$SRC/docs/rules.md" | sed '/^```$/,$d; 1d' >example.yaml
grep -q '^catalogue: ' example.yaml
exec "$python" - "$SRC/rules/catalogue.schema.json" "$SRC"/rules/*.yaml example.yaml <<'PY'
import json, sys, yaml, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
for path in sys.argv[2:]:
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(path))))
    for e in errors:
        print(f"{path}: {'.'.join(map(str, e.absolute_path))}: {e.message}")
    if errors:
        sys.exit(1)
# and the schema says no to what the loader refuses
bad = yaml.safe_load(open(sys.argv[2]))
bad["points"][0]["titel"] = "x"
assert list(jsonschema.Draft7Validator(schema).iter_errors(bad))
PY
