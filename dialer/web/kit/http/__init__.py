"""HTTP as such: reading what comes in, errors, headers, ranges, connections. Knows no page and no route."""
