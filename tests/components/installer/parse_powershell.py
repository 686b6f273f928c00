#!/usr/bin/env python3
"""Says where a PowerShell script is not one: parse_powershell.py FILE... Needs tree-sitter and tree-sitter-powershell."""
import sys

import tree_sitter_powershell
from tree_sitter import Language, Parser

parser = Parser(Language(tree_sitter_powershell.language()))
wrong = False
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        source = file.read()
    if any(byte > 127 for byte in source):
        # PowerShell 5.1 reads a file without a mark of its encoding as the machine's code page.
        print(f"{name}: not plain ASCII")
        wrong = True
    left = [parser.parse(source).root_node]
    while left:
        node = left.pop()
        if node.type == "ERROR" or node.is_missing:
            print(f"{name}:{node.start_point[0] + 1}: {source[node.start_byte:node.end_byte][:60]!r}")
            wrong = True
        left.extend(child for child in node.children if child.has_error or child.is_missing)
sys.exit(wrong)
