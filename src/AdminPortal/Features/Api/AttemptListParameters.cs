using System.ComponentModel;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Attempts;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.Api;

/// <summary>The list's parameters, for the document; <see cref="ApiLists"/> reads them.</summary>
internal sealed class AttemptListParameters
{
    [FromQuery(Name = "show"), Description("Which ones, by what is left to do. Left out: all."), ApiValue(OneOf = typeof(AttemptGroup))]
    public string? Show { get; init; }

    [FromQuery(Name = "search"), Description("A part of the name, in any case; at most 100 characters.")]
    public string? Search { get; init; }

    [FromQuery(Name = ApiPaging.LimitName), Description("How many at most, 1 to 200. Left out: 50."), ApiValue(IsLimit = true)]
    public string? Limit { get; init; }

    [FromQuery(Name = ApiPaging.CursorName), Description("Where the page begins: “next” of the page before, with the same filters.")]
    public string? Cursor { get; init; }
}

/// <summary>The parameters of differences, for the document; <see cref="ApiLists"/> reads them.</summary>
internal sealed class DriftParameters
{
    [FromQuery(Name = "account"), Description("Only those of this platform account."), ApiValue(IsId = true)]
    public string? Account { get; init; }

    [FromQuery(Name = "kind"), Description("Only those of this kind."), ApiValue(OneOf = typeof(DriftKind))]
    public string? Kind { get; init; }

    [FromQuery(Name = "ignored"), Description("With true, also those that were set aside."), ApiValue(IsFlag = true)]
    public string? Ignored { get; init; }

    [FromQuery(Name = ApiPaging.LimitName), Description("How many at most, 1 to 200. Left out: 50."), ApiValue(IsLimit = true)]
    public string? Limit { get; init; }

    [FromQuery(Name = ApiPaging.CursorName), Description("Where the page begins: “next” of the page before, with the same filters.")]
    public string? Cursor { get; init; }
}
