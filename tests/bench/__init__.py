"""The benchmarks' own tests: each runs --quick and holds its gate."""
