"""Programs that build or measure: site, benchmarks, README tables, pictures, experiments."""
