//! What a walk-through shows.
