"""Evolution: pure functions of (parents, settings, rng). Nothing here draws or stores."""
