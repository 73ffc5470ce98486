//! Workers without a door: what was promised gets done.
