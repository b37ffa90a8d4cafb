using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Record;

/// <summary>One sign that the record, its key or its guards were changed by something other than the portal.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Arguments">The values of the kind's sentence, the resource <c>Record.{Kind}</c>.</param>
internal sealed record RecordFinding(RecordFindingKind Kind, params object[] Arguments)
{
    /// <summary>The finding as a sentence.</summary>
    public string Text(IStringLocalizer<ProvisioningText> texts) => texts[$"Record.{Kind}", Arguments];
}

internal enum RecordFindingKind
{
    /// <summary>There is no mark, and the database is not one in which a chain may begin.</summary>
    MarkMissing,

    /// <summary>The mark's signature or its keyed hash is wrong.</summary>
    MarkForged,

    /// <summary>A certificate is configured, and the mark is not signed by one.</summary>
    MarkNotSigned,

    /// <summary>Neither copy of the key opens and has the fingerprint that the mark names.</summary>
    KeyMissing,

    HeadMissing,

    HeadChanged,

    /// <summary>0 and 1: the first and last row that are missing at the end.</summary>
    RowsMissing,

    /// <summary>0: the first row behind the last one that the head names.</summary>
    RowsBehind,

    /// <summary>0: the last row, whose hash is not the one in the head.</summary>
    LastRowChanged,

    /// <summary>0: the sentence of the complete verification. 1: how many places.</summary>
    RowsChanged,

    /// <summary>0: the trigger.</summary>
    GuardMissing,

    /// <summary>0: the trigger.</summary>
    GuardChanged,

    /// <summary>0: the trigger. 1: its table.</summary>
    GuardUnknown,

    CanaryMissing,

    CanaryReplaced,

    /// <summary>0: how many entries.</summary>
    KeyNotWrapped,

    /// <summary>0: how many entries.</summary>
    KeyNotSigned,

    /// <summary>0: place. 1: row. 2: time. 3: the last row of the record.</summary>
    AnchorAhead,

    /// <summary>0: place. 1: row. 2: time.</summary>
    AnchorDiffers,

    /// <summary>The record is complete, but the database is older than the anchor. 0: place. 1: time.</summary>
    AnchorNewer,

    /// <summary>0: place. 1: time.</summary>
    AnchorOfAnotherDatabase,

    /// <summary>0: place.</summary>
    AnchorNotGenuine,

    /// <summary>0: place.</summary>
    AnchorDamaged,

    /// <summary>0: the directory configured for anchors.</summary>
    AnchorsMissing,
}
