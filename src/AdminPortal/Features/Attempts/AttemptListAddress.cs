using AdminPortal.Provisioning.Attempts;
using Microsoft.AspNetCore.Http.Extensions;

namespace AdminPortal.Features.Attempts;

/// <summary>
/// The list of attempts as it stands in its address. What stands there may come from anywhere: a value that is not
/// understood counts as not given.
/// </summary>
internal static class AttemptListAddress
{
    public const string Path = "/attempts";

    public static AttemptListQuery Read(string? show, string? search, string? after, string? before)
    {
        var behind = AttemptEdge.TryRead(after);
        return new AttemptListQuery
        {
            Group = Enum.GetValues<AttemptGroup>().FirstOrDefault(group => string.Equals(group.ToString(), show, StringComparison.OrdinalIgnoreCase)),
            Search = CleanSearch(search),
            After = behind,
            Before = behind is null ? AttemptEdge.TryRead(before) : null,
        };
    }

    /// <summary>The address that <see cref="Read"/> understands as this query; what is as usual is left out.</summary>
    public static string Write(AttemptListQuery query)
    {
        var parameters = new QueryBuilder();
        if (query.Group != AttemptGroup.Open) parameters.Add("show", query.Group.ToString().ToLowerInvariant());
        if (query.Search.Length > 0) parameters.Add("search", query.Search);
        if (query.After is { } after) parameters.Add("after", after.Write());
        else if (query.Before is { } before) parameters.Add("before", before.Write());
        return Path + parameters.ToQueryString();
    }

    /// <summary>The search as it is understood: without blanks around it, and bounded.</summary>
    public static string CleanSearch(string? search)
    {
        var text = search?.Trim() ?? "";
        return text.Length > AttemptListQuery.MaxSearchLength ? text[..AttemptListQuery.MaxSearchLength] : text;
    }
}
