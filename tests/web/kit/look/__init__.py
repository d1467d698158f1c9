"""What all pages share to the eye: states, icons, colours, components."""
