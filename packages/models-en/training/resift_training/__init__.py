"""Recipe of the embedded English models: prepare, train, distil, export, calibrate, evaluate."""
