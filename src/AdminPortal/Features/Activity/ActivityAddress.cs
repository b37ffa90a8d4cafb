using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Ui;

namespace AdminPortal.Features.Activity;

/// <summary>The addresses of the activity record.</summary>
internal static class ActivityAddress
{
    public const string Path = "/activity";

    /// <summary>Instead of a user's id, for entries without a user.</summary>
    public const string Nobody = "none";

    private static readonly ListAddress<ActivityQuery> Fields = new ListAddress<ActivityQuery>(new ActivityQuery())
        .Add("action", QueryFormats.Member<ActivityAction>(), query => query.Action, (query, action) => query with { Action = action })
        .Add(
            "person", QueryFormats.Of<PersonChoice>(PersonChoice.Read, choice => choice?.Write()), PersonChoice.Of,
            (query, choice) => query with { PersonId = choice?.Id, WithoutPerson = choice is { Id: null } })
        .Add("instance", QueryFormats.Id, query => query.InstanceId, (query, id) => query with { InstanceId = id })
        .Add("account", QueryFormats.Id, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id })
        .Add("app", QueryFormats.Id, query => query.ProviderAppId, (query, id) => query with { ProviderAppId = id })
        .Add("attempt", QueryFormats.Id, query => query.AttemptId, (query, id) => query with { AttemptId = id })
        .Add("job", QueryFormats.Id, query => query.JobId, (query, id) => query with { JobId = id })
        .Add(
            "name", QueryFormats.ExactText(ActivityEntry.MaxSubjectLength), query => query.Subject,
            (query, name) => query with { Subject = name })
        .Add("from", QueryFormats.Day, query => query.From, (query, day) => query with { From = day })
        .Add("to", QueryFormats.Day, query => query.To, (query, day) => query with { To = day })
        // A page has one place: the first of these that is given.
        .Add("before", QueryFormats.Row, query => query.Before, (query, row) => query with { Before = row })
        .Add(
            "after", QueryFormats.Row, query => query.Before is null ? query.After : null,
            (query, row) => query with { After = query.Before is null ? row : null });

    /// <summary>Reads the query of an address.</summary>
    /// <param name="address">The address, or its query alone.</param>
    public static ActivityQuery Read(string address) => Fields.Read(address);

    /// <summary>Reads query parameters.</summary>
    /// <param name="parameter">The text of a parameter; null if it is not given.</param>
    public static ActivityQuery Read(Func<string, string?> parameter) => Fields.Read(parameter);

    /// <summary>The address that <see cref="Read(string)"/> reads as this query.</summary>
    /// <param name="path">The path of the page. On the page of one object the path already names the object.</param>
    /// <param name="query">The query.</param>
    public static string Write(string path, ActivityQuery query) => path + Fields.Write(path == Path
        ? query
        : query with { InstanceId = null, PlatformAccountId = null, ProviderAppId = null, AttemptId = null, JobId = null });

    /// <summary>The address of the download of what a query shows.</summary>
    public static string Export(ActivityQuery query) => $"{Path}/export{Fields.Write(query with { Before = null, After = null })}";

    // A user, or nobody.
    private sealed record PersonChoice(Guid? Id)
    {
        public static PersonChoice? Of(ActivityQuery query) =>
            query.WithoutPerson ? new PersonChoice((Guid?)null) : query.PersonId is { } id ? new PersonChoice(id) : null;

        public static PersonChoice? Read(string text) =>
            text == Nobody ? new PersonChoice((Guid?)null) : Guid.TryParse(text, out var id) ? new PersonChoice(id) : null;

        public string Write() => Id?.ToString() ?? Nobody;
    }
}
