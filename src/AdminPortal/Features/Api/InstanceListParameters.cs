using System.ComponentModel;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.Api;

/// <summary>The list's parameters, for the document; <see cref="ApiLists"/> reads them.</summary>
internal sealed class InstanceListParameters
{
    [FromQuery(Name = "state"), Description("Only those in this state."), ApiValue(OneOf = typeof(InstanceState))]
    public string? State { get; init; }

    [FromQuery(Name = "element"), Description("Only those of this element, by its key.")]
    public string? Element { get; init; }

    [FromQuery(Name = "tag"), Description("Only those with this tag, letter by letter.")]
    public string? Tag { get; init; }

    [FromQuery(Name = "account"), Description("Only those of this platform account."), ApiValue(IsId = true)]
    public string? Account { get; init; }

    [FromQuery(Name = "attention"), Description("With true, only those that need a person."), ApiValue(IsFlag = true)]
    public string? Attention { get; init; }

    [FromQuery(Name = "search"), Description("A part of the name, of a tag, of the server or of the platform's id, in any case; at most 100 characters.")]
    public string? Search { get; init; }

    [FromQuery(Name = "sort"), Description("The order. Left out: by creation, newest first."), ApiValue(OneOf = typeof(InstanceSort))]
    public string? Sort { get; init; }

    [FromQuery(Name = "descending"), Description("Whether the order is turned round. Left out: only for Created."), ApiValue(IsFlag = true)]
    public string? Descending { get; init; }

    [FromQuery(Name = ApiPaging.LimitName), Description("How many at most, 1 to 200. Left out: 50."), ApiValue(IsLimit = true)]
    public string? Limit { get; init; }

    [FromQuery(Name = ApiPaging.CursorName), Description("Where the page begins: “next” of the page before, with the same filters and order.")]
    public string? Cursor { get; init; }
}
