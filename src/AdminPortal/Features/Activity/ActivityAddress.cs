using System.Globalization;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Jobs;
using Microsoft.AspNetCore.Http.Extensions;

namespace AdminPortal.Features.Activity;

/// <summary>
/// The addresses of the record and of jobs. What stands in them may come from anywhere: a value that is not understood
/// counts as not given.
/// </summary>
internal static class ActivityAddress
{
    public const string Path = "/activity";

    public static ActivityQuery Read(string? action, string? before, string? after) => new()
    {
        Action = OneOf<ActivityAction>(action),
        Before = Line(before),
        After = Line(before) is null ? Line(after) : null,
    };

    /// <summary>The address at which <see cref="Read"/> understands this query.</summary>
    public static string Write(string path, ActivityQuery query)
    {
        var parameters = new QueryBuilder();
        if (query.Action is { } action) parameters.Add("action", action.ToString());
        if (query.Before is { } before) parameters.Add("before", before.ToString(CultureInfo.InvariantCulture));
        else if (query.After is { } after) parameters.Add("after", after.ToString(CultureInfo.InvariantCulture));
        return path + parameters.ToQueryString();
    }

    public static string Job(Guid id, JobItemState? show = null) => show is null ? $"{Path}/{id}" : $"{Path}/{id}?show={show}";

    public static string Export(Guid id, ExportFormat format) => $"{Path}/{id}/export?format={format.ToString().ToLowerInvariant()}";

    // By name alone: numbers, which would parse as well, are nobody's words.
    public static T? OneOf<T>(string? name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault();

    private static long? Line(string? number) => long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : null;
}
