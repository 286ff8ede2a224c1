use super::*;

#[test]
fn a_number_that_a_console_broke_is_left_to_the_joined_text() {
    let read = |text: &str| number_at(&NormalisedText::new(text), 6).map(|(number, _)| number);
    assert_eq!(read("AADSTS7000222: x"), Some(7_000_222));
    assert_eq!(read("AADSTS: 50076"), Some(50076));
    assert_eq!(read("AADSTS50076\nnext"), Some(50076));
    for text in [
        "AADSTS70002\n22: x",
        "AADSTS70002\\n22: x",
        "AADSTS",
        "AADSTS 1",
        "AADSTSx 50076",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}
