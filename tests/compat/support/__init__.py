"""What the tests share: a real server, signed requests, photos, and a judge of responses."""
