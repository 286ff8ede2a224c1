//! A scripted probe and a time that stands still, for the tests of this room.
