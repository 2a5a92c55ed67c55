#include "core/instrument/instrument.hpp"

#include "core/base/text.hpp"
#include "core/instrument/instrument_store.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::instrument {
namespace {

std::string serial_key_of(const instrument& i) {
    return comparison_key(i.manufacturer) + "\x1f" + comparison_key(i.model) + "\x1f" +
           comparison_key(i.serial_no);
}

// Letters, digits or Chinese: a number of punctuation only says nothing (domain.md 8.3).
bool says_something(std::string_view s) {
    return std::any_of(s.begin(), s.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z');
    });
}

class reader {
  public:
    reader(db::read_view& view, const draft& d) : view_(&view), draft_(&d) {}

    void read_into(instrument& i, std::span<const std::string_view> which) {
        for (const auto& f : fields)
            if (std::find(which.begin(), which.end(), f.name) != which.end()) read_field(i, f);
        check_catalogue(i, which);
    }
    std::optional<error> outcome() {
        if (wrong_.empty()) return std::nullopt;
        error first = std::move(wrong_.front());
        first.also.assign(std::make_move_iterator(wrong_.begin() + 1), std::make_move_iterator(wrong_.end()));
        return first;
    }

  private:
    void refuse(const field& f, std::string why) {
        wrong_.push_back(error(errc::invalid, std::move(why), std::string(f.name))
                             .with("label", std::string(f.label))
                             .with("most", std::to_string(f.most)));
    }
    void choice(const field& f, std::string& to, std::span<const label> table, const std::string& text) {
        if (is_code_of(table, text))
            to = text;
        else
            refuse(f, "field.choice");
    }
    void read_field(instrument& i, const field& f) {
        const std::string text =
            f.name == "remark" ? tidy_text((*draft_)(f.name)) : tidy_line((*draft_)(f.name));
        if (f.required && text.empty())
            return refuse(f, f.name == "serial_no" ? "serial_no.required"
                             : f.most == 0         ? "field.choose"
                                                   : "field.required");
        if (!is_utf8(text)) return refuse(f, "field.text");
        if (f.most > 0 && count_characters(text) > f.most) return refuse(f, "field.long");
        if (f.name == "name")
            i.name = text;
        else if (f.name == "model")
            i.model = text;
        else if (f.name == "measuring_range")
            i.measuring_range = text;
        else if (f.name == "accuracy_class")
            i.accuracy_class = text;
        else if (f.name == "serial_no")
            says_something(text) ? void(i.serial_no = text) : refuse(f, "serial_no.required");
        else if (f.name == "own_no")
            i.own_no = text;
        else if (f.name == "manufacturer")
            i.manufacturer = text;
        else if (f.name == "origin")
            choice(f, i.origin, origins, text);
        else if (f.name == "purchased_on")
            read_purchased(i, f, text);
        else if (f.name == "instrument_status")
            choice(f, i.instrument_status, instrument_states, text);
        else if (f.name == "purpose")
            choice(f, i.purpose, purposes, text);
        else if (f.name == "instrument_type")
            choice(f, i.instrument_type, instrument_types, text);
        else if (f.name == "catalogue_id")
            i.catalogue_id = text.size() < 20 ? std::atoll(text.c_str()) : 0;
        else if (f.name == "method")
            choice(f, i.method, methods, text);
        else if (f.name == "type_approval_no")
            i.type_approval_no = text;
        else if (f.name == "location_text")
            i.location_text = text;
        else if (f.name == "region_code")
            catalogue::is_place(*view_, text) ? void(i.region_code = text) : refuse(f, "region.place");
        else if (f.name == "tags")
            i.tags = join_tags(text);
        else if (f.name == "remark")
            i.remark = text;
    }
    static std::string join_tags(std::string_view text) {
        std::vector<std::string> words = split_words(text);
        std::sort(words.begin(), words.end());
        words.erase(std::unique(words.begin(), words.end()), words.end());
        std::string all;
        for (const auto& w : words)
            all += (all.empty() ? "" : " ") + w;
        return all;
    }
    void read_purchased(instrument& i, const field& f, const std::string& text) {
        i.purchased_on.reset();
        if (text.empty()) return;
        const auto d = parse_date(text);
        if (!d) return refuse(f, "date.form");
        if (*d > view_->today()) return refuse(f, "date.future"); // domain.md 8.6
        i.purchased_on = d;
    }
    void check_catalogue(instrument& i, std::span<const std::string_view> which) {
        if (std::find(which.begin(), which.end(), "catalogue_id") == which.end() || i.catalogue_id == 0)
            return;
        if (catalogue::find_entry(*view_, i.catalogue_id)) return;
        for (const auto& f : fields)
            if (f.name == "catalogue_id") refuse(f, "field.choice");
    }

    db::read_view* view_;
    const draft* draft_;
    std::vector<error> wrong_;
};

std::vector<std::string_view> all_fields() {
    std::vector<std::string_view> names;
    for (const auto& f : fields)
        names.push_back(f.name);
    return names;
}

} // namespace

std::string instrument::text_of(std::string_view f) const {
    if (f == "name") return name;
    if (f == "model") return model;
    if (f == "measuring_range") return measuring_range;
    if (f == "accuracy_class") return accuracy_class;
    if (f == "serial_no") return serial_no;
    if (f == "own_no") return own_no;
    if (f == "manufacturer") return manufacturer;
    if (f == "origin") return origin;
    if (f == "purchased_on") return purchased_on ? to_text(*purchased_on) : "";
    if (f == "instrument_status") return instrument_status;
    if (f == "purpose") return purpose;
    if (f == "instrument_type") return instrument_type;
    if (f == "catalogue_id") return catalogue_id == 0 ? "" : std::to_string(catalogue_id);
    if (f == "method") return method;
    if (f == "type_approval_no") return type_approval_no;
    if (f == "location_text") return location_text;
    if (f == "region_code") return region_code;
    if (f == "tags") return tags;
    if (f == "remark") return remark;
    return {};
}

status_tag filing_tag(std::string_view s) {
    if (s == "unfiled") return {"mute", "待备案"};
    if (s == "submitted") return {"info", "审核中"};
    if (s == "dispatched") return {"move", "分派中"};
    if (s == "filed") return {"ok", "已备案"};
    if (s == "returned") return {"bad", "被退回"};
    return {"mute", "已删除"};
}

std::string_view process_text(std::string_view s) {
    if (s == "booked") return "已预约";
    if (s == "checked_in") return "检定中";
    return "";
}

std::vector<std::string_view> editable_fields(const instrument& i) {
    if (i.filing_status == "unfiled" || i.filing_status == "returned") return all_fields();
    if (i.filing_status == "filed") return {"own_no", "location_text", "tags", "remark"};
    return {};
}

result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    instrument i;
    reader r(tx, d);
    r.read_into(i, all_fields());
    if (auto wrong = r.outcome()) return *wrong;
    i.id = tx.new_id();
    i.applicant_id = who.applicant_id;
    i.created_at = tx.now();
    store::insert(tx, i, serial_key_of(i));
    audit::append(tx, who,
                  {.verb = "add",
                   .subject_kind = "instrument",
                   .subject_id = i.id,
                   .after = value::object().set("name", i.name).set("serial_no", i.serial_no),
                   .applicant_id = i.applicant_id});
    return i.id;
}

result<> edit(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version, const draft& d) {
    auto found = get(tx, who, id);
    if (!found) return found.error();
    if (!who.is_applicant()) return error(errc::not_allowed);
    const auto which = editable_fields(*found);
    if (which.empty()) return error(errc::not_allowed, "instrument.under_review");
    if (found->version != version) return error(errc::stale_state, "instrument.edited");
    instrument changed = *found;
    reader r(tx, d);
    r.read_into(changed, which);
    if (auto wrong = r.outcome()) return *wrong;
    value before = value::object();
    value after = value::object();
    for (const auto name : which) {
        if (found->text_of(name) == changed.text_of(name)) continue;
        before.set(name, found->text_of(name));
        after.set(name, changed.text_of(name));
    }
    if (!store::update(tx, changed, serial_key_of(changed)))
        return error(errc::stale_state, "instrument.edited");
    audit::append(tx, who,
                  {.verb = "edit",
                   .subject_kind = "instrument",
                   .subject_id = id,
                   .before = before,
                   .after = after,
                   .applicant_id = changed.applicant_id});
    return {};
}

result<instrument> get(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find(view, id);
    if (!found || found->filing_status == "deleted") return error(errc::not_found);
    const bool own = who.is_applicant() && found->applicant_id == who.applicant_id;
    const bool ours = who.kind == actor_kind::staff && who.institution_id != 0 &&
                      store::was_at_institution(view, id, who.institution_id);
    if (own || ours || who.is_platform() || who.reads_region(found->region_code)) return std::move(*found);
    return error(errc::not_found);
}

std::vector<std::int64_t> find_same(db::read_view& view, const instrument& i) {
    return store::find_by_serial_key(view, serial_key_of(i), i.id);
}

} // namespace core::instrument
