using System.Globalization;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>What goes wrong with the next call that sends a code.</summary>
internal enum SendFault
{
    None,
    Refused,
    Busy,
    BusyForAWhile,
    Unreachable,
    LostAndNotDone,
    LostAndDone,
    LostAndDoneLater,
    DoneTwice,
    LostAndDoneTwice,
    WithoutToken,

    /// <summary>Carried out after the portal has concluded that nothing was created.</summary>
    LostAndDoneMuchLater,
}

/// <summary>What goes wrong with the next page of instances.</summary>
internal enum ListFault
{
    None,
    Refused,
    Unreachable,
    Unknown,
    EmptyPage,
    RepeatedCursor,
    FilterFindsNothing,
    WithoutTokens,
}

/// <summary>What goes wrong with the next look at one instance, its ping, its deletion, or with the next OAuth URL.</summary>
internal enum CallFault
{
    None,
    Unreachable,
    Unknown,
    UnknownAndDone,
    Refused,
    Busy,
    WithoutToken,
}

/// <summary>One instance of the tenant.</summary>
internal sealed class TenantRow
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string Element { get; init; }

    public required List<string> Tags { get; init; }

    public string? Server { get; init; }

    public Guid? Attempt { get; init; }

    /// <summary>From when on the platform shows it, by the platform's own time.</summary>
    public TimeSpan VisibleFrom { get; init; }

    public int Renewals { get; set; }

    public DateTimeOffset RefreshedAt { get; set; }

    public bool IsDeleted { get; set; }

    public string Token => string.Create(CultureInfo.InvariantCulture, $"token-{Id}-{Renewals}");
}

/// <summary>One time that a code was sent.</summary>
internal sealed class TenantSend
{
    public required Guid Attempt { get; init; }

    public required string Code { get; init; }

    public required SendFault Fault { get; init; }

    public required bool IsDone { get; init; }

    /// <summary>Whether the portal was told, and not died before, that nothing was done and that it may try again.</summary>
    public required bool MayBeRepeated { get; set; }
}

/// <summary>The platform's side of the model: what it has, what it was sent, and what is to go wrong next.</summary>
internal sealed class ModelTenant
{
    public Dictionary<long, TenantRow> Rows { get; } = [];

    public List<TenantSend> Sends { get; } = [];

    /// <summary>Whose code it is.</summary>
    public Dictionary<string, Guid> Codes { get; } = [];

    public Queue<SendFault> SendFaults { get; } = new();

    public Queue<ListFault> ListFaults { get; } = new();

    public Queue<CallFault> GetFaults { get; } = new();

    public Queue<CallFault> PingFaults { get; } = new();

    public Queue<CallFault> DeleteFaults { get; } = new();

    public Queue<CallFault> UrlFaults { get; } = new();

    /// <summary>Authorizations that the platform carries out later.</summary>
    public List<(TimeSpan At, TenantRow Row)> Later { get; } = [];

    /// <summary>The platform's own time: it never goes back.</summary>
    public TimeSpan Time { get; private set; }

    public long NextId { get; set; } = 100;

    /// <summary>What the portal did that it must never do.</summary>
    public List<string> Violations { get; } = [];

    public string? LastState { get; set; }

    public bool GaveNoToken { get; set; }

    public void Advance(TimeSpan by)
    {
        if (by > TimeSpan.Zero) Time += by;
        foreach (var (_, row) in Later.Where(later => later.At <= Time)) row.Renewals++;
        _ = Later.RemoveAll(later => later.At <= Time);
    }

    public TenantRow? Find(long id) => Rows.GetValueOrDefault(id) is { IsDeleted: false } row && row.VisibleFrom <= Time ? row : null;

    public static T Next<T>(Queue<T> faults)
        where T : struct => faults.TryDequeue(out var fault) ? fault : default;

    public void ClearFaults()
    {
        SendFaults.Clear();
        ListFaults.Clear();
        GetFaults.Clear();
        PingFaults.Clear();
        DeleteFaults.Clear();
        UrlFaults.Clear();
    }
}
