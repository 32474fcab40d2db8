"""Interactive figures: controls and one pure draw function each. `live` is what moves them."""
