//! Runs the stages of one check and brings back what happened. Fetches, judges nothing.
