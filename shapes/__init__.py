"""What data must look like: SHACL shapes, their report, and the one module that runs them."""
