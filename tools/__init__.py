"""What builds or measures: site, benchmarks, README tables, pictures, experiments."""
