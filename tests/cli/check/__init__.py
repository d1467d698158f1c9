"""`dialer check` against mistakes: each is made, and exactly that one is named, with its cause and its remedy."""
