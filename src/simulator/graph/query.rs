//! The query of a call, and the shape of answers by it.

use serde_json::{Value, json};

/// The query of a call.
pub(crate) struct GraphQuery {
    pub(crate) select: Vec<String>,
    filter: String,
    pub(crate) expand: String,
    /// The most objects on the page.
    pub(crate) top: usize,
    /// The objects on earlier pages.
    pub(crate) skip: usize,
}

/// The objects on a page by default.
const PAGE: usize = 100;

/// The most objects on a page.
const PAGE_MOST: usize = 999;

impl GraphQuery {
    pub(crate) fn of(query: &str) -> Self {
        let mut read = Self {
            select: Vec::new(),
            filter: String::new(),
            expand: String::new(),
            top: PAGE,
            skip: 0,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "$select" => {
                    read.select = value.split(',').map(|one| one.trim().to_owned()).collect();
                }
                "$filter" => value.as_ref().clone_into(&mut read.filter),
                "$expand" => value.as_ref().clone_into(&mut read.expand),
                "$top" => read.top = value.parse().unwrap_or(PAGE).clamp(1, PAGE_MOST),
                "$skiptoken" => read.skip = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        read
    }

    pub(crate) fn select(&self, mut whole: Value) -> Value {
        if let Value::Object(fields) = &mut whole
            && !self.select.is_empty()
        {
            let expanded = self.expand.split('(').next().unwrap_or_default();
            fields.retain(|name, _| self.select.contains(name) || name == expanded);
        }
        whole
    }

    pub(crate) fn selection(&self) -> String {
        if self.select.is_empty() {
            String::new()
        } else {
            format!("({})", self.select.join(","))
        }
    }

    pub(crate) fn filtered_app_id(&self) -> Option<String> {
        let (field, value) = self.filter.split_once(" eq ")?;
        (field.trim() == "appId").then(|| value.trim().trim_matches('\'').to_owned())
    }
}

/// Adds `@odata.context`.
pub(crate) fn with_context(mut body: Value, context: &str) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.insert("@odata.context".to_owned(), json!(context));
    }
    body
}

/// Returns a list with the objects on the page, each with the selected properties.
pub(crate) fn list(all: Vec<Value>, query: &GraphQuery) -> Value {
    let shown = all.into_iter().take(query.top).map(|one| query.select(one));
    json!({ "value": shown.collect::<Vec<_>>() })
}
