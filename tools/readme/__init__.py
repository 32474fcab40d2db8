"""Write the generated parts of the README."""
