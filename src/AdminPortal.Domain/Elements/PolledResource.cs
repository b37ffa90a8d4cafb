using System.Text.Json.Nodes;

namespace AdminPortal.Domain.Elements;

/// <summary>One resource that the platform can poll for changes.</summary>
/// <param name="Name">The resource, for example <c>appointments</c>.</param>
/// <param name="Url">The path that is polled.</param>
/// <param name="DateFormat">The Java date pattern of both date fields.</param>
/// <param name="TimeZone">The time zone that the dates are in; null where the platform's default (UTC) holds.</param>
public sealed record PolledResource(string Name, string Url, string DateFormat, string? TimeZone)
{
    /// <summary>The poller entry of this resource, in the documented shape.</summary>
    public JsonObject PollerEntry()
    {
        var dates = new JsonObject { ["updatedDateField"] = "modification_date", ["updatedDateFormat"] = DateFormat };
        if (TimeZone is not null) dates["updatedDateTimezone"] = TimeZone;
        dates["createdDateField"] = "creation_date";
        dates["createdDateFormat"] = DateFormat;
        if (TimeZone is not null) dates["createdDateTimezone"] = TimeZone;
        return new JsonObject { ["url"] = Url, ["idField"] = "id", ["datesConfiguration"] = dates };
    }
}
