"""The measurements that docs/performance.md quotes: `make bench`, or `python -m benchmarks --help`."""
