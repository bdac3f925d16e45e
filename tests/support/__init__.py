"""What tests stand on and production never imports."""
