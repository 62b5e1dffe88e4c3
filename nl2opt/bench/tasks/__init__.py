"""Benchmarks, one file each: `TASK`, its card. Found by scanning this folder; the name is the file's stem."""
