using AdminPortal.Provisioning.LegacyKeys;
using AdminPortal.Ui;

namespace AdminPortal.Features.LegacyKeys;

/// <summary>The list of legacy keys as it is in its address.</summary>
internal static class LegacyKeysAddress
{
    public const string Path = "/legacy-keys";

    private static readonly ListAddress<LegacyKeyQuery> Fields = new ListAddress<LegacyKeyQuery>(new LegacyKeyQuery())
        .Add("account", QueryFormats.Id, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id })
        .Add("after", QueryFormats.Id, query => query.After, (query, id) => query with { After = id })
        .Add("before", QueryFormats.Id, query => query.Before, (query, id) => query with { Before = id });

    /// <summary>Reads the query of an address.</summary>
    public static LegacyKeyQuery Read(string address) => Fields.Read(address);

    /// <summary>The address that <see cref="Read"/> reads as this query.</summary>
    public static string Write(LegacyKeyQuery query) => Path + Fields.Write(query);
}
