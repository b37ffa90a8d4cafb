using System.Globalization;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace AdminPortal.Features.Activity;

/// <summary>
/// The addresses of the activity record. What stands in them may come from anywhere: a value that is not understood
/// counts as not given.
/// </summary>
internal static class ActivityAddress
{
    public const string Path = "/activity";

    /// <summary>Stands for whoever was not signed in, where a person's id would stand.</summary>
    public const string Nobody = "none";

    private const string DayForm = "yyyy-MM-dd";

    /// <summary>What an address asks for.</summary>
    /// <param name="address">The address, or its query alone.</param>
    public static ActivityQuery Read(string address)
    {
        var values = QueryHelpers.ParseQuery(address.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? address[mark..] : "");
        string? One(string name) => values.TryGetValue(name, out var found) && found is [{ Length: > 0 } value, ..] ? value : null;
        Guid? Id(string name) => Guid.TryParse(One(name), out var id) ? id : null;
        DateOnly? Day(string name) => DateOnly.TryParseExact(One(name), DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
        return new ActivityQuery
        {
            Action = NamedValue.Find<ActivityAction>(One("action")),
            PersonId = Id("person"),
            WithoutPerson = One("person") == Nobody,
            InstanceId = Id("instance"),
            PlatformAccountId = Id("account"),
            ProviderAppId = Id("app"),
            AttemptId = Id("attempt"),
            JobId = Id("job"),
            Subject = One("name") is { Length: <= ActivityEntry.MaxSubjectLength } name ? name : null,
            From = Day("from"),
            To = Day("to"),
            Before = Line(One("before")),
            After = Line(One("before")) is null ? Line(One("after")) : null,
        };
    }

    /// <summary>The address at which <see cref="Read"/> understands this query.</summary>
    public static string Write(string path, ActivityQuery query) => path + Parameters(query, isOwnPage: path != Path);

    /// <summary>The address of the download of what a query shows.</summary>
    public static string Export(ActivityQuery query) => $"{Path}/export{Parameters(query with { Before = null, After = null }, isOwnPage: false)}";

    // On a thing's own page, the thing stands in the path already.
    private static QueryString Parameters(ActivityQuery query, bool isOwnPage)
    {
        var parameters = new QueryBuilder();
        void Add(string name, string? value)
        {
            if (value is not null) parameters.Add(name, value);
        }

        Add("action", query.Action?.ToString());
        Add("person", query.WithoutPerson ? Nobody : query.PersonId?.ToString());
        if (!isOwnPage)
        {
            Add("instance", query.InstanceId?.ToString());
            Add("account", query.PlatformAccountId?.ToString());
            Add("app", query.ProviderAppId?.ToString());
            Add("attempt", query.AttemptId?.ToString());
            Add("job", query.JobId?.ToString());
        }

        Add("name", query.Subject);
        Add("from", query.From?.ToString(DayForm, CultureInfo.InvariantCulture));
        Add("to", query.To?.ToString(DayForm, CultureInfo.InvariantCulture));
        if (query.Before is { } before) Add("before", before.ToString(CultureInfo.InvariantCulture));
        else Add("after", query.After?.ToString(CultureInfo.InvariantCulture));
        return parameters.ToQueryString();
    }

    private static long? Line(string? number) => long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : null;
}
