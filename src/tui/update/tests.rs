//! What keys and boards do to the model. No terminal, no waiting.

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use ratatui::layout::Rect;

use super::*;
use crate::{
    board::Board,
    report::diagnose,
    tui::{DiagnoseRun, Motion, SnoozeRequest, fixture, keymap::BINDINGS, layout},
};

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    update(model, Message::Act(action))
}

/// The commands among effects.
fn sends(effects: Vec<Effect>) -> Vec<Effect> {
    let sends = effects.into_iter();
    sends
        .filter(|effect| matches!(effect, Effect::Send(_)))
        .collect()
}

fn selected(model: &Model) -> &str {
    model.selected().map_or("", TenantName::as_str)
}

fn said(model: &Model) -> &str {
    model.feedback.as_ref().map_or("", |it| it.text.as_str())
}

fn fleet() -> Model {
    fixture::model(120, 40)
}

#[test]
fn the_selection_follows_the_worst_until_a_key_is_pressed() {
    let mut model = fleet();
    assert_eq!(selected(&model), "contoso-rooms");
    let mut healed = fixture::board();
    let ok = healed.rows[6].report.clone();
    Arc::make_mut(&mut healed.rows[0]).report = ok;
    let healed = Arc::new(healed);
    update(&mut model, Message::Board(Arc::clone(&healed)));
    assert_eq!(selected(&model), "northwind-bots");

    let mut model = fleet();
    act(&mut model, Action::Move(Motion::First));
    update(&mut model, Message::Board(healed));
    assert_eq!(selected(&model), "contoso-rooms");
    assert!(model.selected_row().is_some());
}

#[test]
fn the_selection_survives_every_order_and_grouping() {
    let mut model = fleet();
    act(&mut model, Action::Move(Motion::Down));
    for action in [Action::SortNext, Action::SortReverse, Action::Group].repeat(8) {
        act(&mut model, action);
        assert_eq!(selected(&model), "northwind-bots");
        let row = model.selected_row().unwrap();
        assert_eq!(row.tenant.name.as_str(), "northwind-bots");
    }
}

#[test]
fn arrows_pages_and_ends_stay_on_rows_also_between_headings() {
    let mut model = fleet();
    act(&mut model, Action::Group);
    let mut seen = vec![selected(&model).to_owned()];
    for _ in 0..20 {
        act(&mut model, Action::Move(Motion::Down));
        seen.push(selected(&model).to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 8);
    act(&mut model, Action::Move(Motion::First));
    assert_eq!(selected(&model), "contoso-rooms");
    act(&mut model, Action::Move(Motion::Last));
    assert_eq!(selected(&model), "adatum-rooms");
    act(&mut model, Action::Move(Motion::PageUp));
    assert_eq!(selected(&model), "contoso-rooms");
}

#[test]
fn filtering_out_the_selected_tenant_selects_its_neighbour() {
    let mut model = fleet();
    act(&mut model, Action::Filter);
    for c in "tag:bots".chars() {
        update(&mut model, Message::Edit(InputRequest::InsertChar(c)));
    }
    assert_eq!(selected(&model), "northwind-bots");
    act(&mut model, Action::KeepFilter);
    assert_eq!(model.mode, Mode::Browse);
    act(&mut model, Action::Back);
    assert_eq!(model.shown(), 8);
    assert_eq!(selected(&model), "northwind-bots");
}

#[test]
fn a_filter_without_match_keeps_the_selection() {
    let mut model = fleet();
    act(&mut model, Action::Move(Motion::Last));
    act(&mut model, Action::Filter);
    update(&mut model, Message::Edit(InputRequest::InsertChar('#')));
    assert!(model.selected_row().is_none());
    assert!(act(&mut model, Action::Open).is_empty());
    assert_eq!(model.screen(), Screen::Fleet);
    act(&mut model, Action::ClearFilter);
    assert_eq!(selected(&model), "adatum-rooms");
    assert!(model.selected_row().is_some());
}

#[test]
fn a_check_is_asked_for_once_and_politely() {
    let mut model = fleet();
    assert!(act(&mut model, Action::Check).is_empty());
    assert_eq!(
        said(&model),
        "contoso-rooms was checked just now: wait 18s more"
    );
    update(
        &mut model,
        Message::Tick(fixture::now() + TimeDelta::seconds(20)),
    );
    let name = TenantName::from("contoso-rooms");
    let sent = act(&mut model, Action::Check);
    assert_eq!(sent, [Effect::Send(OperatorCommand::Check(name))]);
    assert_eq!(said(&model), "checking contoso-rooms…");
    assert!(act(&mut model, Action::Check).is_empty());
    assert_eq!(
        said(&model),
        "contoso-rooms was checked just now: wait 30s more"
    );
    update(
        &mut model,
        Message::Tick(fixture::now() + TimeDelta::seconds(26)),
    );
    assert_eq!(said(&model), "");
    act(&mut model, Action::Move(Motion::Last));
    assert_eq!(
        act(&mut model, Action::CheckAll),
        [Effect::Send(OperatorCommand::CheckAll)]
    );
    assert_eq!(said(&model), "checking all 8 tenants…");
    update(&mut model, Message::Refused(OperatorCommand::CheckAll));
    assert!(said(&model).starts_with("the monitor is busy"));
    assert!(model.asked.is_empty(), "the check was not sent");
}

#[test]
fn escape_goes_back_where_one_came_from() {
    let mut model = fleet();
    act(&mut model, Action::Show(Screen::Timeline));
    act(&mut model, Action::Open);
    act(&mut model, Action::Show(Screen::Help));
    for screen in [
        Screen::Help,
        Screen::Detail,
        Screen::Timeline,
        Screen::Fleet,
    ] {
        assert_eq!(model.screen(), screen);
        act(&mut model, Action::Back);
    }
    act(&mut model, Action::Show(Screen::Events));
    act(&mut model, Action::Show(Screen::Events));
    assert_eq!(model.screen(), Screen::Fleet);
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut model = fleet();
    let rows = layout::fleet(layout::frame(&model, layout::screen(&model)).body).rows;
    let third = Message::Click(5, rows.y + 2);
    update(&mut model, third.clone());
    assert_eq!(selected(&model), "fabrikam-helpdesk");
    assert_eq!(model.screen(), Screen::Fleet);
    update(&mut model, third);
    assert_eq!(model.screen(), Screen::Detail);
    update(&mut model, Message::Click(0, 0));
    assert_eq!(selected(&model), "fabrikam-helpdesk");
}

#[test]
fn what_turns_stale_is_unknown_without_a_new_board() {
    let mut model = fleet();
    assert_eq!(model.tally.stale, 0);
    update(
        &mut model,
        Message::Tick(fixture::now() + TimeDelta::minutes(31)),
    );
    assert_eq!(model.tally.stale, 7);
}

#[test]
fn reading_never_scrolls_past_the_end() {
    let mut model = fixture::model(80, 24);
    act(&mut model, Action::Open);
    act(&mut model, Action::Move(Motion::Last));
    let end = model.scroll;
    assert!(end > 0);
    act(&mut model, Action::Move(Motion::PageDown));
    assert_eq!(model.scroll, end);
    update(&mut model, Message::Resize(200, 100));
    assert_eq!(model.scroll, 0);
}

#[test]
fn the_selection_is_on_the_screen_in_a_low_window() {
    let mut model = fixture::model(40, 12);
    for _ in 0..8 {
        act(&mut model, Action::Move(Motion::Down));
        let body = layout::frame(&model, Rect::new(0, 0, 40, 12)).body;
        let rows = usize::from(layout::fleet(body).rows.height);
        let list = &model.fleet;
        assert!((list.offset..list.offset + rows).contains(&list.cursor));
    }
}

fn any_message() -> impl Strategy<Value = Message> {
    let action = (0..BINDINGS.len()).prop_map(|nth| Message::Act(BINDINGS[nth].action));
    prop_oneof![
        6 => action,
        2 => any::<char>().prop_map(|c| Message::Edit(InputRequest::InsertChar(c))),
        1 => Just(Message::Edit(InputRequest::DeletePrevWord)),
        1 => (0u8..10).prop_map(|number| Message::Act(Action::Choose(number))),
        1 => ".{0,9}".prop_map(Message::Paste),
        1 => (0u16..200, 0u16..80).prop_map(|(x, y)| Message::Click(x, y)),
        1 => any::<i8>().prop_map(Message::Wheel),
        1 => (0u16..200, 0u16..80).prop_map(|(x, y)| Message::Resize(x, y)),
        1 => (-9i64..9_000_000).prop_map(|s| Message::Tick(fixture::now() + TimeDelta::seconds(s))),
        1 => Just(Message::Refused(OperatorCommand::CheckAll)),
        1 => Just(Message::Refused(OperatorCommand::Diagnose("contoso-rooms".into()))),
        1 => (0usize..9).prop_map(|left| {
            let mut board = fixture::board();
            board.rows.truncate(left);
            board.rows.reverse();
            Message::Board(Arc::new(board))
        }),
        1 => Just(Message::Board(Arc::new(Board::default()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_messages_panics_or_loses_the_selection(
        messages in proptest::collection::vec(any_message(), 0..40)
    ) {
        let mut model = fleet();
        for message in messages {
            update(&mut model, message);
            let rows = model.fleet.entries.iter().filter_map(crate::tui::order::TableEntry::row);
            prop_assert_eq!(model.selected_row().is_some(), rows.count() > 0);
            let opened = &model.opened;
            let twice = |screen| opened.iter().filter(|other| *other == screen).count() > 1;
            prop_assert!(!opened.iter().any(twice), "open twice: {:?}", opened);
            prop_assert!(!opened.contains(&Screen::Fleet), "under itself: {:?}", opened);
        }
    }
}

#[test]
fn the_ticket_of_the_shown_tenant_is_copied() {
    let mut model = fleet();
    act(&mut model, Action::Open);
    let effects = act(&mut model, Action::Copy);
    let [Effect::Copy(ticket)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let row = model.selected_row().unwrap();
    let report = row.report.as_ref().unwrap();
    let due = diagnose::ticket(&row.tenant, row.observation.as_deref(), report, None);
    assert_eq!(*ticket, due);
    assert!(ticket.contains("`secret-expired`") && ticket.contains("AADSTS7000222"));
    assert!(said(&model).contains("clipboard"));
}

#[test]
fn a_tenant_that_was_never_checked_has_no_ticket() {
    let mut model = fleet();
    let mut board = fixture::board();
    Arc::make_mut(&mut board.rows[0]).report = None;
    act(&mut model, Action::Open);
    update(&mut model, Message::Board(Arc::new(board)));
    assert!(act(&mut model, Action::Copy).is_empty());
    assert!(said(&model).contains("nothing to copy"));
}

fn typed(model: &mut Model, text: &str) {
    for c in text.chars() {
        update(model, Message::Edit(InputRequest::InsertChar(c)));
    }
}

fn snoozed(model: &mut Model, name: &TenantName) {
    let snooze = crate::alert::Snooze {
        until: model.now + TimeDelta::hours(1),
        reason: "planned".into(),
        by: Some("ana".into()),
    };
    let mut board = Board::clone(model.board.as_ref().unwrap());
    board.holds = Arc::new(crate::alert::Holds {
        snoozes: [(name.clone(), snooze)].into(),
        acks: [].into(),
    });
    update(model, Message::Board(Arc::new(board)));
}

#[test]
fn a_snooze_asks_how_long_and_why_and_is_undone() {
    let mut model = fixture::model(100, 24);
    let name = model.selected.clone().unwrap();
    assert!(act(&mut model, Action::Snooze).is_empty());
    assert!(act(&mut model, Action::Choose(2)).is_empty());
    typed(&mut model, "their move");
    let sent = sends(act(&mut model, Action::Confirm));
    let request = SnoozeRequest {
        length: TimeDelta::hours(4),
        reason: "their move".into(),
    };
    let snooze = |request| Effect::Send(OperatorCommand::Snooze(name.clone(), request));
    assert_eq!(sent, [snooze(Some(request))]);
    assert!(said(&model).contains("u undoes"), "{}", said(&model));
    assert_eq!(sends(act(&mut model, Action::Undo)), [snooze(None)]);
    assert!(sends(act(&mut model, Action::Undo)).is_empty(), "once only");
}

#[test]
fn a_snooze_is_ended_by_0_and_the_rest_comes_back_by_undo() {
    let mut model = fixture::model(100, 24);
    let name = model.selected.clone().unwrap();
    snoozed(&mut model, &name);
    act(&mut model, Action::Snooze);
    let snooze = |request| Effect::Send(OperatorCommand::Snooze(name.clone(), request));
    assert_eq!(sends(act(&mut model, Action::Choose(0))), [snooze(None)]);
    let rest = SnoozeRequest {
        length: TimeDelta::hours(1),
        reason: "planned".into(),
    };
    assert_eq!(sends(act(&mut model, Action::Undo)), [snooze(Some(rest))]);
}

#[test]
fn a_snooze_that_is_cancelled_sends_nothing() {
    let mut model = fixture::model(100, 24);
    act(&mut model, Action::Snooze);
    act(&mut model, Action::Choose(1));
    typed(&mut model, "rq");
    assert!(act(&mut model, Action::Cancel).is_empty());
    assert_eq!(model.mode, Mode::Browse);
    assert!(model.undo.is_none());
}

#[test]
fn a_command_of_the_advice_is_copied_whole() {
    let mut model = fleet();
    act(&mut model, Action::OfferCommands);
    assert_eq!(model.mode, Mode::Copy);
    assert!(act(&mut model, Action::Choose(9)).is_empty());
    let copied = act(&mut model, Action::Choose(2));
    let command = "az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append";
    assert_eq!(copied, [Effect::Copy(command.into())]);
    assert_eq!(model.mode, Mode::Browse);
    act(&mut model, Action::Move(Motion::Last));
    act(&mut model, Action::OfferCommands);
    assert!(said(&model).contains("no command to copy"));
}

#[test]
fn next_trouble_goes_round_and_skips_what_works() {
    let mut model = fleet();
    let mut seen = Vec::new();
    for _ in 0..6 {
        act(&mut model, Action::NextTrouble);
        seen.push(selected(&model).to_owned());
    }
    assert_eq!(
        seen,
        [
            "northwind-bots",
            "fabrikam-helpdesk",
            "litware-mail",
            "tailspin-crm",
            "contoso-rooms",
            "northwind-bots"
        ]
    );
    act(&mut model, Action::PreviousTrouble);
    assert_eq!(selected(&model), "contoso-rooms");
}

#[test]
fn the_palette_opens_tenants_and_performs_actions() {
    let mut model = fleet();
    act(&mut model, Action::OpenPalette);
    typed(&mut model, "litware");
    act(&mut model, Action::Confirm);
    assert_eq!(
        (selected(&model), model.screen()),
        ("litware-mail", Screen::Detail)
    );
    act(&mut model, Action::OpenPalette);
    typed(&mut model, "what ends");
    act(&mut model, Action::Confirm);
    assert_eq!(model.screen(), Screen::Timeline);
}

#[test]
fn a_frozen_picture_stands_still_and_catches_up() {
    let mut model = fleet();
    act(&mut model, Action::Freeze);
    update(&mut model, Message::Board(Arc::new(Board::default())));
    assert_eq!(model.tally.total(), 8);
    act(&mut model, Action::Freeze);
    assert_eq!(model.tally.total(), 0);
}

#[test]
fn a_pasted_text_presses_no_keys() {
    let mut model = fleet();
    assert!(sends(update(&mut model, Message::Paste("Rq".into()))).is_empty());
    assert!(said(&model).contains("presses no keys"));
    act(&mut model, Action::Filter);
    update(&mut model, Message::Paste("tag:\nbots".into()));
    assert_eq!(model.filter.value(), "tag: bots");
}

#[test]
fn the_title_of_the_window_carries_the_counts() {
    let mut model = fixture::empty_model(80, 24);
    let effects = update(&mut model, Message::Board(Arc::new(fixture::board())));
    assert_eq!(
        effects,
        [Effect::SetTitle("credwatch ✖ 2 ◆ 1 ▲ 2 ? 2 ● 1".into())]
    );
    assert!(update(&mut model, Message::Tick(fixture::now())).is_empty());
}

#[test]
fn the_filter_of_the_settings_holds_from_the_first_board_on() {
    let mut settings = fixture::settings();
    settings.filter = "tag:bots".into();
    let mut model = Model::new(settings);
    update(&mut model, Message::Board(Arc::new(fixture::board())));
    assert_eq!(model.shown(), 1);
    act(&mut model, Action::Back);
    assert_eq!(model.shown(), 8);
}

#[test]
fn events_are_unread_until_they_are_looked_at() {
    let mut model = fleet();
    assert_eq!(model.unread, 0);
    let mut board = fixture::board();
    board.events.push_back(Arc::new(crate::board::Event {
        at: fixture::now(),
        tenant: None,
        status: crate::verdict::Status::Ok,
        text: "the config was read again".into(),
    }));
    update(&mut model, Message::Board(Arc::new(board)));
    assert_eq!(model.unread, 1);
    act(&mut model, Action::Show(Screen::Events));
    assert_eq!(model.unread, 0);
}

#[test]
fn an_event_is_selected_and_opens_its_tenant() {
    let mut model = fleet();
    act(&mut model, Action::Show(Screen::Events));
    act(&mut model, Action::Move(Motion::Down));
    let event = model.selected_event().unwrap();
    assert_eq!(event.text, "works again after 2h");
    act(&mut model, Action::Open);
    assert_eq!(
        (selected(&model), model.screen()),
        ("adatum-rooms", Screen::Detail)
    );
    act(&mut model, Action::Back);
    act(&mut model, Action::Move(Motion::Last));
    act(&mut model, Action::Open);
    assert!(said(&model).contains("credwatch itself"));
}

#[test]
fn tabs_and_titles_can_be_clicked() {
    let mut model = fleet();
    let header = layout::frame(&model, layout::screen(&model)).header;
    let tabs = layout::tabs(&model, header);
    let click = |place: Rect| Message::Click(place.x + 1, place.y);
    update(&mut model, click(tabs[1].1));
    assert_eq!(model.screen(), Screen::Timeline);
    update(&mut model, click(tabs[0].1));
    assert_eq!(model.screen(), Screen::Fleet);
    let titles = layout::fleet(layout::frame(&model, layout::screen(&model)).body).titles;
    update(&mut model, Message::Click(titles.x + 15, titles.y));
    assert!(said(&model).contains("by tenant"));
    update(&mut model, Message::Click(titles.x + 15, titles.y));
    assert!(said(&model).contains("reversed"));
}

#[test]
fn a_diagnose_run_starts_once_shows_steps_and_copies_its_ticket() {
    let mut model = fixture::model(80, 24);
    act(&mut model, Action::Open);
    let name = model.selected.clone().unwrap();
    let asked = act(&mut model, Action::Diagnose);
    assert_eq!(
        asked,
        [Effect::Send(OperatorCommand::Diagnose(name.clone()))]
    );
    assert_eq!(model.screen(), Screen::Diagnosis);
    // again while it goes on: only shown
    assert!(act(&mut model, Action::Diagnose).is_empty());
    assert!(act(&mut model, Action::Copy).is_empty());
    assert!(said(&model).contains("copy when it has ended"));

    let whole = fixture::diagnose_run(&model);
    let mut begun = DiagnoseRun::clone(&whole);
    begun.outcome = None;
    update(&mut model, Message::DiagnoseProgress(Arc::new(begun)));
    update(&mut model, Message::DiagnoseProgress(Arc::clone(&whole)));
    let top = model.scroll;
    assert!(top > 0, "the verdict comes to the top");
    act(&mut model, Action::Move(Motion::First));
    update(&mut model, Message::DiagnoseProgress(whole));
    assert_eq!(model.scroll, 0, "who reads further up stays there");
    let copied = act(&mut model, Action::Copy);
    assert!(matches!(&copied[..], [Effect::Copy(ticket)] if ticket.contains("contoso-rooms")));
    // ended: looked at anew
    assert_eq!(act(&mut model, Action::Diagnose).len(), 1);
}

#[test]
fn a_foreign_or_refused_diagnose_run_changes_nothing() {
    let mut model = fixture::model(80, 24);
    act(&mut model, Action::Open);
    let whole = fixture::diagnose_run(&model);
    update(&mut model, Message::DiagnoseProgress(Arc::clone(&whole)));
    assert!(model.diagnose_run.is_none(), "it was not asked for");
    let name = model.selected.clone().unwrap();
    act(&mut model, Action::Diagnose);
    update(
        &mut model,
        Message::Refused(OperatorCommand::Diagnose(name)),
    );
    assert!(model.diagnose_run.is_none() && said(&model).contains("busy"));
    act(&mut model, Action::Diagnose);
    // refusing another command leaves the run alone
    update(&mut model, Message::Refused(OperatorCommand::Reload));
    assert!(model.diagnose_run.is_some());
    act(&mut model, Action::Back);
    act(&mut model, Action::Back);
    act(&mut model, Action::Move(Motion::Down));
    act(&mut model, Action::Open);
    assert!(act(&mut model, Action::Diagnose).is_empty());
    assert!(said(&model).contains("is being diagnosed"));
}

#[test]
fn acknowledge_carries_the_operator_and_is_taken_back() {
    let mut model = fixture::model(100, 24);
    let name = model.selected.clone().unwrap();
    let ana = Some("ana".to_owned());
    let effects = update(&mut model, Message::Act(Action::Acknowledge));
    assert_eq!(
        effects,
        [Effect::Send(OperatorCommand::Acknowledge(
            name.clone(),
            ana
        ))]
    );
    let ack = crate::alert::Ack {
        by: "ana".into(),
        at: model.now,
    };
    let mut board = Board::clone(model.board.as_ref().unwrap());
    board.holds = Arc::new(crate::alert::Holds {
        snoozes: [].into(),
        acks: [(name.clone(), ack)].into(),
    });
    update(&mut model, Message::Board(Arc::new(board)));
    let effects = update(&mut model, Message::Act(Action::Acknowledge));
    assert_eq!(
        effects,
        [Effect::Send(OperatorCommand::Acknowledge(name, None))]
    );
}

#[test]
fn a_refused_command_leaves_nothing_behind() {
    let mut model = fixture::model(100, 24);
    let name = model.selected.clone().unwrap();
    act(&mut model, Action::Acknowledge);
    update(
        &mut model,
        Message::Refused(OperatorCommand::Acknowledge(name.clone(), None)),
    );
    assert!(model.undo.is_none());
    let later = fixture::now() + TimeDelta::minutes(5);
    update(&mut model, Message::Tick(later));
    for _ in 0..2 {
        let sent = act(&mut model, Action::Check);
        assert_eq!(sent, [Effect::Send(OperatorCommand::Check(name.clone()))]);
        update(
            &mut model,
            Message::Refused(OperatorCommand::Check(name.clone())),
        );
    }
}
