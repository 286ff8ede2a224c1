//! Snapshots of the screens.

use std::sync::Arc;

use insta::assert_snapshot;
use ratatui::{Terminal, backend::TestBackend, style::Color};

use super::view;
use crate::{
    board::Board,
    tui::{Action, DiagnoseRun, Message, Model, Screen, fixture, update},
};

fn render(model: &Model) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    terminal
}

fn picture(model: &Model) -> String {
    render(model).backend().to_string()
}

fn at(width: u16, height: u16, actions: &[Action]) -> Model {
    let mut model = fixture::model(width, height);
    for action in actions {
        update(&mut model, Message::Act(*action));
    }
    model
}

fn typed(model: &mut Model, text: &str) {
    update(model, Message::Act(Action::Filter));
    for c in text.chars() {
        update(model, Message::Edit(tui_input::InputRequest::InsertChar(c)));
    }
}

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 24), (120, 40), (40, 12)];

#[test]
fn the_fleet_at_every_size() {
    for (width, height) in SIZES {
        assert_snapshot!(
            format!("fleet_{width}x{height}"),
            picture(&at(width, height, &[]))
        );
    }
}

#[test]
fn every_other_screen_wide_and_narrow() {
    let screens = [
        ("detail", Action::Open),
        ("timeline", Action::Show(Screen::Timeline)),
        ("events", Action::Show(Screen::Events)),
        ("help", Action::Show(Screen::Help)),
        ("grouped", Action::Group),
    ];
    for (name, action) in screens {
        for (width, height) in [(120, 40), (80, 24)] {
            let picture = picture(&at(width, height, &[action]));
            assert_snapshot!(format!("{name}_{width}x{height}"), picture);
        }
    }
}

#[test]
fn a_diagnose_run_under_way_and_finished() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut model = at(width, height, &[Action::Open, Action::Diagnose]);
        let whole = fixture::diagnose_run(&model);
        let mut begun = DiagnoseRun::clone(&whole);
        begun.steps.truncate(1);
        begun.outcome = None;
        update(&mut model, Message::DiagnoseProgress(Arc::new(begun)));
        assert_snapshot!(format!("diagnose_begun_{width}x{height}"), picture(&model));
        update(&mut model, Message::DiagnoseProgress(whole));
        assert_snapshot!(format!("diagnose_ended_{width}x{height}"), picture(&model));
    }
}

#[test]
fn the_filter_while_it_is_typed_and_when_nothing_fits() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut model = fixture::model(width, height);
        typed(&mut model, "tag:prod");
        assert_snapshot!(format!("filter_{width}x{height}"), picture(&model));
    }
    let mut model = fixture::model(80, 24);
    typed(&mut model, "prodd");
    assert_snapshot!("filter_without_match", picture(&model));
}

#[test]
fn the_year_with_the_end_of_ews() {
    let show = Action::Show(Screen::Timeline);
    assert_snapshot!(
        "timeline_year",
        picture(&at(120, 40, &[show, Action::Axis]))
    );
}

#[test]
fn loading_empty_offline_and_ascii() {
    let mut model = fixture::empty_model(80, 24);
    assert_snapshot!("loading", picture(&model));
    update(&mut model, Message::Board(Arc::new(Board::default())));
    assert_snapshot!("empty", picture(&model));
    let mut board = fixture::board();
    board.offline_since = Some(fixture::now() - chrono::TimeDelta::minutes(5));
    board.notices = vec!["no session bus: desktop notifications are off".into()];
    update(&mut model, Message::Board(Arc::new(board)));
    assert_snapshot!("offline", picture(&model));
    let mut model = at(80, 24, &[]);
    model.settings.ascii = true;
    let picture = picture(&model);
    assert!(picture.is_ascii());
    assert_snapshot!("ascii", picture);
}

#[test]
fn without_colour_the_selection_is_still_visible() {
    let mut model = at(80, 24, &[]);
    model.settings.colour = false;
    let terminal = render(&model);
    let cells = &terminal.backend().buffer().content;
    assert!(
        cells
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    );
    let reversed = ratatui::style::Modifier::REVERSED;
    assert!(cells.iter().any(|cell| cell.modifier.contains(reversed)));
}

#[test]
fn only_the_sixteen_named_colours_are_used() {
    for action in [Action::Group, Action::Open, Action::Show(Screen::Timeline)] {
        let terminal = render(&at(120, 40, &[action]));
        let cells = &terminal.backend().buffer().content;
        let plain = |colour| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
        assert!(cells.iter().all(|cell| plain(cell.fg) && plain(cell.bg)));
    }
}

#[test]
fn nothing_has_the_colour_of_its_background() {
    for action in [Action::Back, Action::Open, Action::Show(Screen::Timeline)] {
        let terminal = render(&at(120, 40, &[action]));
        let cells = &terminal.backend().buffer().content;
        assert!(
            cells
                .iter()
                .all(|cell| cell.fg == Color::Reset || cell.fg != cell.bg)
        );
    }
}

#[test]
fn control_characters_of_servers_do_not_reach_the_screen() {
    let mut board = fixture::board();
    let row = Arc::make_mut(&mut board.rows[0]);
    let report = Arc::make_mut(row.report.as_mut().unwrap());
    report.diagnosis.as_mut().unwrap().title = "gone\u{1b}[2J\u{7}\u{202e}".into();
    let mut model = fixture::model(120, 40);
    update(&mut model, Message::Board(Arc::new(board)));
    for action in [Action::Back, Action::Open] {
        update(&mut model, Message::Act(action));
        let picture = picture(&model);
        assert!(picture.contains("gone[2J"));
        assert!(!picture.contains(['\u{1b}', '\u{7}', '\u{202e}']));
    }
}

#[test]
fn nothing_but_time_moves_when_it_ticks() {
    let mut model = fixture::model(120, 40);
    let words = |model: &Model| -> Vec<usize> {
        let rows = picture(model);
        rows.lines()
            .filter_map(|line| line.find("eptura").or(line.find("app-only")))
            .collect()
    };
    let before = words(&model);
    for seconds in 1..200 {
        let now = fixture::now() + chrono::TimeDelta::seconds(seconds);
        update(&mut model, Message::Tick(now));
        assert_eq!(words(&model), before);
    }
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(0, 0), (1, 1), (5, 3), (10, 30), (200, 2), (300, 100)] {
        for action in [
            Action::Back,
            Action::Open,
            Action::Show(Screen::Timeline),
            Action::Show(Screen::Events),
            Action::Show(Screen::Help),
            Action::Filter,
        ] {
            render(&at(width, height, &[action]));
        }
    }
}

#[test]
fn a_snooze_is_marked_in_the_table_and_said_below_it() {
    let mut model = at(100, 24, &[]);
    let name = model.selected.clone().unwrap();
    let snooze = crate::alert::Snooze {
        until: model.now + chrono::TimeDelta::hours(2),
        reason: "planned \u{1b}renewal".into(),
        by: Some("ana".into()),
    };
    let mut board = Board::clone(model.board.as_ref().unwrap());
    board.holds = Arc::new(crate::alert::Holds {
        snoozes: [(name.clone(), snooze)].into(),
        acks: [].into(),
    });
    update(&mut model, Message::Board(Arc::new(board)));
    let picture = picture(&model);
    assert!(picture.contains("▸z"), "{picture}");
    assert!(picture.contains("alerts snoozed until"), "{picture}");
}
