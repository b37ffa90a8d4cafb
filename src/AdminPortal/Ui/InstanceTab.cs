namespace AdminPortal.Ui;

/// <summary>The pages of one instance. Their words are resources named <c>Tab.{name}</c>.</summary>
public enum InstanceTab
{
    Overview,
    Configuration,

    /// <summary>Only where the element has events.</summary>
    Events,
    Activity,
    Requests,
}

/// <summary>Where the pages of an instance are.</summary>
public static class InstanceAddress
{
    /// <summary>The address of one of an instance's pages.</summary>
    public static string Of(Guid id, InstanceTab tab = InstanceTab.Overview) => tab switch
    {
        InstanceTab.Configuration => $"/instances/{id}/configuration",
        InstanceTab.Events => $"/instances/{id}/events",
        InstanceTab.Activity => $"/instances/{id}/activity",
        InstanceTab.Requests => $"/instances/{id}/requests",
        _ => $"/instances/{id}",
    };

    /// <summary>Where an instance is authorized anew.</summary>
    public static string Reauthentication(Guid id) => $"/instances/{id}/re-authenticate";
}
