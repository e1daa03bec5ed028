#!/usr/bin/env python3
"""The catalogue of the reference interface, made from its lists (reference/include/pv/ops/*.h).

catalogue.py            writes it to stdout
catalogue.py --check F  compares F with it; exit 1 and a message where they differ

The lists are the one source; rules/reference.yaml is this program's output, committed, and a test compares.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ["init", "time", "cpu", "irq", "apic", "mmu", "lock"]
ENTRY = re.compile(r"/\*(?P<comment>(?:(?!\*/).)*)\*/\s*PV_OP\((?P<arguments>.*?)\)\n(?=\n|/\*|\Z)",
                   re.S)

HEAD = """\
# The reference interface of truce: struct pv_ops of reference/include/pv/ops.h. Made by reference/catalogue.py
# from the lists in reference/include/pv/ops; change those. docs/interface.md describes the interface,
# docs/rules.md the format of this file.
catalogue: reference
version: "1"
title: The reference interface, running code in reference/

fits:
  - {file: reference/include/pv/ops.h, has: 'struct pv_ops\\s*\\{'}
  - {file: reference/include/pv/ops/mmu.h}

files:
  - reference/include/pv/ops.h
  - reference/native/native.c

structs: [pv_init_ops, pv_time_ops, pv_cpu_ops, pv_irq_ops, pv_apic_ops, pv_mmu_ops, pv_lock_ops]

# Backends. The simulated machine, the suite and the native code are no backend's.
scope:
  path: ["reference/**"]
  not_path: ["reference/machine/**", "reference/suite/**", "reference/image/**", "reference/native/**", "reference/rom/image.S"]
  dead: '(?:^|&& )0(?: &&|$)'

groups: [init, time, cpu, irq, apic, mmu, lock]

rules:
  # .mmu = { .set_pte = x }, pv_ops.mmu.set_pte = x
  - id: slot
    find: use
    change: [added, changed]
    use:
      - {kind: slot, name: '(?:pv_{group}_ops|{group})\\.{slot}', not_detail: '^&?(?:native_\\w+|NULL|0)$'}
    gives: {weight: override, kind: ops-table, confidence: 0.95, note: fills the slot of pv_ops}
  - id: slot-gone
    find: use
    change: removed
    use: [{kind: slot, name: '(?:pv_{group}_ops|{group})\\.{slot}'}]
    gives: {weight: removed, confidence: 0.5, note: the slot is no longer filled here}
  - id: bypass
    find: use
    change: [added, changed]
    use: instructions
    not_in: '{names}'
    gives: {weight: bypass, confidence: 0.8, note: "{use}: the privileged instruction outside the interface"}

points:
"""

# Instructions by mnemonic and operands, for the rule of bypasses: those that no backend needs itself.
INSTRUCTIONS = {
    "irq_disable": "cli", "irq_enable": "sti", "clts": "clts", "wbinvd": "wbinvd", "swapgs": "swapgs",
    "load_gdt": "lgdt[lq]?", "load_idt": "lidt[lq]?", "load_tr_desc": "ltr", "set_ldt": "lldt",
    "flush_tlb_single": "invlpg", "halt": "hlt",
    "write_cr0": r"movq? , ?%+cr0", "write_cr3": r"movq? , ?%+cr3", "write_cr4": r"movq? , ?%+cr4",
}

CONVENTIONS = {"C": "c", "C_VOID": "c", "KEEP": "callee-save", "KEEP_VOID": "callee-save", "JUMP": "jump"}

# Units of parameters and of what is returned, in the words of docs/rules.md.
UNITS = {
    "sched_clock": "return: ns", "steal_clock": "return: ns", "get_tsc_khz": "return: khz",
    "get_wallclock": "return: s", "set_wallclock": "seconds: s", "read_tsc": "return: cycles",
    "read_cr2": "return: linear-address", "write_cr2": "address: linear-address",
    "read_cr3": "return: physical-address", "write_cr3": "pgd: physical-address",
    "flush_tlb_single": "address: linear-address", "set_ldt": "entries: entries",
    "alloc_ldt": "entries: entries", "free_ldt": "entries: entries",
    "alloc_pte": "frame: guest-frames", "alloc_pmd": "frame: guest-frames",
    "alloc_pud": "frame: guest-frames", "release_pte": "frame: guest-frames",
    "release_pmd": "frame: guest-frames", "release_pud": "frame: guest-frames",
    "set_fixmap": "frame: guest-frames", "load_tr_desc": "selector: selector",
    "store_tr": "return: selector", "load_gs_index": "selector: selector",
}


def split(text):
    """The arguments of a macro call: commas outside of parentheses and quotes part them."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, c in enumerate(text):
        if c == '"' and text[at - 1] != "\\":
            quoted = not quoted
        elif not quoted and c == "(":
            depth += 1
        elif not quoted and c == ")":
            depth -= 1
        elif not quoted and depth == 0 and c == ",":
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts


def text_of(literal):
    """The characters of adjacent C string literals."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal)).replace('\\"', '"')


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def operations():
    for group in GROUPS:
        source = (ROOT / "reference/include/pv/ops" / f"{group}.h").read_text()
        count = len(re.findall(r"^PV_OP\(", source, re.M))
        # the file's own comment comes before a blank line and is none of an entry's
        body = source[source.index("*/") + 2:]
        found = list(ENTRY.finditer(body))
        if len(found) != count:
            sys.exit(f"{group}.h: {count} entries, {len(found)} with a contract above them")
        for match in found:
            parts = split(match["arguments"])
            comment = " ".join(line.strip().lstrip("*").strip()
                               for line in match["comment"].splitlines()).strip()
            _, name, convention, type_, parameters, _, like, native, manual = parts
            if parts[0] != group:
                sys.exit(f"{group}.h: {name} says that it is of {parts[0]}")
            gap = "" if type_.endswith("*") else " "
            signature = f"{type_}{gap}{' '.join(parameters.split())}"
            convention = CONVENTIONS[convention]
            yield {"group": group, "name": name, "signature": signature, "convention": convention,
                   "like": text_of(like), "native": text_of(native), "manual": text_of(manual),
                   "contract": " ".join(comment.split())}


def title(contract):
    """The first sentence, without its subject's label."""
    first = re.split(r"(?<=[.;:])\s", contract, maxsplit=1)[0] if not contract.startswith("returns:") \
        else re.split(r"(?<=[.;])\s", contract[len("returns:"):].strip(), maxsplit=1)[0]
    return first.rstrip(".;:")[:100]


def write(out):
    out.append(HEAD)
    listed = list(operations())
    names = {o["name"] for o in listed}
    for o in listed:
        out.append(f"  - id: {o['group']}.{o['name']}\n")
        out.append(f"    title: {quoted(title(o['contract']))}\n")
        like = o["like"].split(".")[-1] if o["like"] else ""
        aliases = [a for a in {like} if a and a not in names]
        if aliases:
            out.append(f"    aliases: [{', '.join(sorted(aliases))}]\n")
        out.append(f"    signature: {quoted(o['signature'])}\n")
        out.append("    contract:\n")
        manual = f" Manual: {o['manual']}." if o["manual"] else ""
        out.append(f"      says: {quoted(o['contract'] + ' pv_ops: ' + o['like'] + '.' + manual)}\n")
        if o["name"] in UNITS:
            out.append(f"      units: {{{UNITS[o['name']]}}}\n")
        out.append(f"      convention: {o['convention']}\n")
        out.append("    required: never\n")
        out.append(f"    native: {quoted(o['native'] or 'nothing, or plain C')}\n")
        out.append(f"    names: [native_{o['name']}]\n")
        if o["name"] in INSTRUCTIONS:
            out.append(f"    instructions: [{quoted(INSTRUCTIONS[o['name']])}]\n")
    return "".join(out)


def main():
    made = write([])
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        if Path(sys.argv[2]).read_text() != made:
            sys.exit(f"{sys.argv[2]} is not what the lists say: reference/catalogue.py >{sys.argv[2]}")
    elif len(sys.argv) == 1:
        sys.stdout.write(made)
    else:
        sys.exit("usage: catalogue.py [--check FILE]")


if __name__ == "__main__":
    main()
