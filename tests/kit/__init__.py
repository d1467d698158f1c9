"""What our tools and tests share: one launcher of the service, one writer of settings, one client of the API."""
