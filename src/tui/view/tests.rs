//! Snapshots of the screens.

use std::sync::Arc;

use insta::assert_snapshot;
use ratatui::{Terminal, backend::TestBackend, style::Color};

use super::view;
use crate::{
    board::Board,
    tui::{
        Action, Background, DiagnoseRun, Message, Model, Screen, Theme, contrast, fixture, update,
    },
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

const SIZES: [(u16, u16); 5] = [(80, 24), (100, 24), (120, 40), (40, 12), (200, 60)];

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
        for (width, height) in [(120, 40), (80, 24), (40, 12), (200, 60)] {
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

/// Every screen and every list to choose from, under a name.
fn every_screen(width: u16, height: u16) -> Vec<(&'static str, Model)> {
    let screens: [(&'static str, &[Action]); 9] = [
        ("fleet", &[]),
        ("grouped", &[Action::Group]),
        ("detail", &[Action::Open]),
        ("timeline", &[Action::Show(Screen::Timeline)]),
        ("events", &[Action::Show(Screen::Events)]),
        ("help", &[Action::Show(Screen::Help)]),
        ("copy", &[Action::OfferCommands]),
        ("snooze", &[Action::Snooze]),
        ("palette", &[Action::OpenPalette]),
    ];
    let named = screens.map(|(name, actions)| (name, at(width, height, actions)));
    let mut all = Vec::from(named);
    let mut board = fixture::board();
    board.offline_since = Some(fixture::now());
    board.notices = vec!["the log cannot be written".into()];
    let mut offline = at(width, height, &[]);
    update(&mut offline, Message::Board(Arc::new(board)));
    all.push(("offline", offline));
    let mut diagnosed = at(width, height, &[Action::Open, Action::Diagnose]);
    let run = fixture::diagnose_run(&diagnosed);
    update(&mut diagnosed, Message::DiagnoseProgress(run));
    all.push(("diagnose", diagnosed));
    let mut filtered = at(width, height, &[]);
    typed(&mut filtered, "colour:red");
    all.push(("filter", filtered));
    let mut frozen = at(width, height, &[Action::Freeze]);
    update(&mut frozen, Message::Tick(fixture::now()));
    all.push(("frozen", frozen));
    all
}

#[test]
fn every_theme_is_legible_on_every_palette() {
    for (theme, background) in contrast::THEMES {
        for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
            for (name, mut model) in every_screen(width, height) {
                model.settings.theme = theme;
                let terminal = render(&model);
                let what = format!("{name} at {width}x{height} in {theme:?}");
                contrast::assert_legible(&what, background, terminal.backend().buffer());
            }
        }
    }
}

#[test]
fn auto_is_light_once_the_terminal_says_so() {
    let mut model = at(80, 24, &[]);
    model.settings.theme = Theme::Auto;
    let dark = render(&model).backend().buffer().clone();
    update(&mut model, Message::Background(Background::Light));
    let auto = render(&model).backend().buffer().clone();
    model.settings.theme = Theme::Light;
    assert_eq!(auto, *render(&model).backend().buffer());
    assert_ne!(auto, dark);
}

#[test]
fn a_tenant_that_works_is_never_red() {
    let mut model = at(120, 40, &[]);
    for filter in ["status:urgent", "status:ending", "status:works"] {
        update(&mut model, Message::Act(Action::ClearFilter));
        typed(&mut model, filter);
        assert_eq!(model.shown(), 1, "{filter}");
        let terminal = render(&model);
        let body = crate::tui::layout::frame(&model, crate::tui::layout::screen(&model)).body;
        let buffer = terminal.backend().buffer();
        let red = body.positions().any(|at| buffer[at].fg == Color::LightRed);
        assert!(!red, "{filter}: {}", picture(&model));
    }
}

#[test]
fn the_lists_to_choose_from() {
    for (name, actions) in [
        ("copy", [Action::OfferCommands].as_slice()),
        ("snooze", &[Action::Snooze]),
        ("snooze_reason", &[Action::Snooze, Action::Choose(4)]),
        ("palette", &[Action::OpenPalette]),
    ] {
        assert_snapshot!(format!("{name}_80x24"), picture(&at(80, 24, actions)));
    }
}

#[test]
fn a_change_is_marked_and_comes_up_in_the_header() {
    let mut model = at(100, 24, &[]);
    let mut board = fixture::board();
    let failing = board.rows[0].report.clone();
    Arc::make_mut(&mut board.rows[6]).report = failing;
    board.events.push_back(Arc::new(crate::board::Event {
        at: fixture::now(),
        tenant: Some("adatum-rooms".into()),
        status: crate::verdict::Status::Critical,
        text: "ok → secret-expired".into(),
    }));
    update(&mut model, Message::Board(Arc::new(board)));
    assert_snapshot!("changed_100x24", picture(&model));
    let later = |seconds| Message::Tick(fixture::now() + chrono::TimeDelta::seconds(seconds));
    update(&mut model, later(40));
    assert!(!picture(&model).contains("adatum-rooms: ok"));
    update(&mut model, later(100));
    assert!(!picture(&model).contains('▎'));
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
            .filter_map(|line| line.find("secret-expired").or(line.find("ews-disabled")))
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
    assert!(picture.contains("▌z"), "{picture}");
    assert!(picture.contains("alerts snoozed until"), "{picture}");
}
