//! The calls of booking software: room lists and free/busy times. There are no room lists, and every
//! mailbox is free.

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use quick_xml::escape::escape;

use super::admission::EwsCall;
use super::envelope::{Namespace, SoapElement};
use super::response::{MESSAGES, TYPES, envelope};

/// Views with one digit for each interval.
const MERGED: [&str; 3] = ["MergedOnly", "FreeBusyMerged", "DetailedMerged"];

/// Other views.
const PLAIN: [&str; 2] = ["FreeBusy", "Detailed"];

/// The longest window and the shortest interval that Exchange accepts.
const WINDOW_DAYS: i64 = 62;
const INTERVAL_MINUTES: i64 = 5;

/// Answers `GetRoomLists`.
pub(crate) fn room_lists() -> String {
    envelope(&format!(
        "<m:GetRoomListsResponse ResponseClass=\"Success\" xmlns:m=\"{MESSAGES}\" \
         xmlns:t=\"{TYPES}\"><m:ResponseCode>NoError</m:ResponseCode><m:RoomLists/>\
         </m:GetRoomListsResponse>"
    ))
}

/// Answers `GetUserAvailability`.
pub(crate) fn of_users(call: &EwsCall<'_>, operation: &SoapElement) -> String {
    let view = operation
        .every("RequestedView")
        .first()
        .and_then(|view| {
            MERGED
                .iter()
                .chain(&PLAIN)
                .find(|known| **known == view.text())
        })
        .copied()
        .unwrap_or("FreeBusy");
    let free = free(operation, view);
    let answers: String = operation
        .every("MailboxData")
        .iter()
        .map(|data| {
            let address = data.every("Address").first().map_or("", |one| one.text());
            answer(call, address, &free)
        })
        .collect();
    envelope(&format!(
        "<m:GetUserAvailabilityResponse xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\">\
         <m:FreeBusyResponseArray>{answers}</m:FreeBusyResponseArray>\
         </m:GetUserAvailabilityResponse>"
    ))
}

fn answer(call: &EwsCall<'_>, address: &str, free: &str) -> String {
    let mut mailboxes = call.backend.state.in_directory(&call.app.tenant_id);
    if mailboxes.any(|one| one.mailbox.eq_ignore_ascii_case(address)) {
        return format!(
            "<m:FreeBusyResponse><m:ResponseMessage ResponseClass=\"Success\">\
             <m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>{free}\
             </m:FreeBusyResponse>"
        );
    }
    format!(
        "<m:FreeBusyResponse><m:ResponseMessage ResponseClass=\"Error\"><m:MessageText>Unable to \
         resolve email address {} to an Active Directory object.</m:MessageText>\
         <m:ResponseCode>ErrorMailRecipientNotFound</m:ResponseCode>\
         <m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:ResponseMessage><m:FreeBusyView>\
         <t:FreeBusyViewType>None</t:FreeBusyViewType></m:FreeBusyView></m:FreeBusyResponse>",
        escape(address)
    )
}

fn free(operation: &SoapElement, view: &str) -> String {
    let digits = if MERGED.contains(&view) {
        let count = intervals(operation).unwrap_or_default();
        format!("<t:MergedFreeBusy>{}</t:MergedFreeBusy>", "0".repeat(count))
    } else {
        String::new()
    };
    format!(
        "<m:FreeBusyView><t:FreeBusyViewType>{view}</t:FreeBusyViewType>{digits}\
         </m:FreeBusyView>"
    )
}

/// Returns the number of intervals in the requested window.
fn intervals(operation: &SoapElement) -> Option<usize> {
    let value = |name: &str| {
        Some(
            operation
                .child(Namespace::Types, "FreeBusyViewOptions")?
                .every(name)
                .first()?
                .text()
                .to_owned(),
        )
    };
    let (start, end) = (time(&value("StartTime")?)?, time(&value("EndTime")?)?);
    let window = (end - start)
        .min(TimeDelta::days(WINDOW_DAYS))
        .num_minutes();
    let length = value("MergedFreeBusyIntervalInMinutes").and_then(|text| text.parse().ok());
    let length: i64 = length.unwrap_or(30);
    usize::try_from(window / length.max(INTERVAL_MINUTES)).ok()
}

fn time(text: &str) -> Option<NaiveDateTime> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.naive_utc());
    zoned.or_else(|_local| text.parse()).ok()
}
