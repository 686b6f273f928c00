#!/usr/bin/env python3
"""lint.py FILE...: launchd property lists (.plist), Task Scheduler tasks (.xml) and PowerShell scripts (.ps1), looked at
without their systems. Ends with 1 when one of them is not good, with the reasons.

Needs lxml for .xml, tree-sitter and tree-sitter-powershell for .ps1, nothing for .plist.
"""

import os
import plistlib
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TASK = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

# launchd.plist(5): the keys that a background program may sensibly use.
KEYS = {
    "Label": str, "Program": str, "ProgramArguments": list, "EnvironmentVariables": dict, "WorkingDirectory": str,
    "RunAtLoad": bool, "KeepAlive": (bool, dict), "StandardInPath": str, "StandardOutPath": str, "StandardErrorPath": str,
    "ThrottleInterval": int, "ExitTimeOut": int, "ProcessType": str, "Nice": int, "LowPriorityIO": bool,
    "LowPriorityBackgroundIO": bool, "Umask": (int, str), "LimitLoadToSessionType": (str, list),
    "AbandonProcessGroup": bool, "StartInterval": int, "SoftResourceLimits": dict, "HardResourceLimits": dict,
    "AssociatedBundleIdentifiers": (str, list), "UserName": str, "GroupName": str, "InitGroups": bool,
}
KEEP_ALIVE = {"SuccessfulExit": bool, "Crashed": bool, "NetworkState": bool, "PathState": dict, "AfterInitialDemand": bool}


def is_a(value, kinds):
    """A Python bool is an int, a launchd one is not."""
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    return isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


def plist(path):
    try:
        with open(path, "rb") as file:
            found = plistlib.load(file)
    except Exception as wrong:  # plistlib lets through what its parser raises
        yield f"not a property list: {wrong}"
        return
    if not isinstance(found, dict):
        yield "its top is not a dict"
        return
    for key, value in found.items():
        if key not in KEYS:
            yield f"unknown key {key!r}"
        elif not is_a(value, KEYS[key]):
            yield f"{key}: a {type(value).__name__} is wrong here"
    label = found.get("Label")
    if not label:
        yield "no Label"
    elif os.path.basename(path) != f"{label}.plist":
        yield f"the file must be called {label}.plist"
    words = found.get("ProgramArguments") or [found.get("Program") or ""]
    if not all(isinstance(word, str) for word in words):
        yield "ProgramArguments: not all are strings"
    elif not words[0].startswith("/"):
        yield f"the program's path is not absolute: {words[0]!r}"
    for key in ("WorkingDirectory", "StandardInPath", "StandardOutPath", "StandardErrorPath"):
        if isinstance(found.get(key), str) and not found[key].startswith("/"):
            yield f"{key} is not absolute"
    for key, value in (found.get("EnvironmentVariables") or {}).items():
        if not isinstance(value, str):
            yield f"EnvironmentVariables.{key} is not a string"
        if re.search("KEY|TOKEN|SECRET|PASS", key):
            yield f"EnvironmentVariables.{key}: launchctl shows it to everybody"
    alive = found.get("KeepAlive")
    for key, value in (alive if isinstance(alive, dict) else {}).items():
        if key not in KEEP_ALIVE or not is_a(value, KEEP_ALIVE[key]):
            yield f"KeepAlive.{key}: unknown or of the wrong type"
    if alive is True:
        yield "KeepAlive is true: the service would start again after every stop"
    if found.get("ProcessType", "Standard") not in ("Background", "Standard", "Adaptive", "Interactive"):
        yield "ProcessType: unknown"


def task(path):
    from lxml import etree

    with open(path, "rb") as file:
        raw = file.read()
    is_wide = raw[:2] == b"\xff\xfe"
    try:
        text = raw.decode("utf-16" if is_wide else "utf-8-sig")
        declared = re.match(r'<\?xml[^>]*encoding="([^"]+)"', text)
        if declared and declared.group(1).lower() == "utf-16" and not is_wide:
            yield "says UTF-16 and has no UTF-16LE byte order mark (schtasks: unable to switch the encoding)"
        found = etree.fromstring(text.split("?>", 1)[-1])
    except Exception as wrong:
        yield f"not XML: {wrong}"
        return
    schema = etree.XMLSchema(etree.parse(os.path.join(HERE, "task-subset.xsd")))
    if not schema.validate(found):
        for entry in schema.error_log:
            yield f"line {entry.line}: {entry.message}"
    settings = lambda name: found.findtext(f".//t:Settings/t:{name}", namespaces=TASK)
    if settings("ExecutionTimeLimit") != "PT0S":
        yield "ExecutionTimeLimit is not PT0S: Windows stops the task after 72 hours"
    for name in ("DisallowStartIfOnBatteries", "StopIfGoingOnBatteries"):
        if settings(name) != "false":
            yield f"{name} is not false: no run on a laptop's battery"
    if found.find(".//t:Repetition", namespaces=TASK) is not None and settings("MultipleInstancesPolicy") != "IgnoreNew":
        yield "a repeating trigger without IgnoreNew starts it beside itself"
    for trigger in found.findall(".//t:TimeTrigger", namespaces=TASK):
        if trigger.find("t:StartBoundary", namespaces=TASK) is None:
            yield "a TimeTrigger needs a StartBoundary"
    kind = found.findtext(".//t:LogonType", namespaces=TASK)
    if kind == "InteractiveToken" and found.find(".//t:BootTrigger", namespaces=TASK) is not None:
        yield "a BootTrigger does nothing while InteractiveToken needs somebody who is logged in"
    for name in ("Command", "Arguments"):
        value = found.findtext(f".//t:Exec/t:{name}", namespaces=TASK) or ""
        if value.count("%") > 1 or "$(" in value:
            yield f"{name}: Task Scheduler puts values in for %NAME% and $(NAME)"
    command = found.findtext(".//t:Exec/t:Command", namespaces=TASK) or ""
    if not re.match(r"[A-Za-z]:\\|\\\\", command):
        yield f"the program's path is not absolute: {command!r}"


def powershell(path):
    import tree_sitter_powershell
    from tree_sitter import Language, Parser

    with open(path, "rb") as file:
        source = file.read()
    nodes = [Parser(Language(tree_sitter_powershell.language())).parse(source).root_node]
    while nodes:
        node = nodes.pop()
        if node.type == "ERROR" or node.is_missing:
            yield f"line {node.start_point[0] + 1}: syntax near {source[node.start_byte:node.end_byte][:40]!r}"
        if node.has_error:
            nodes.extend(node.children)


def main(paths):
    is_bad = False
    for path in paths:
        look = {".plist": plist, ".xml": task, ".ps1": powershell}[os.path.splitext(path)[1]]
        reasons = list(look(path))
        for reason in reasons:
            print(f"{path}: {reason}")
        print(f"{path}: {'not good' if reasons else 'good'}")
        is_bad |= bool(reasons)
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
