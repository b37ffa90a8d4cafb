using AdminPortal.Domain.Attempts;

namespace AdminPortal.Features.Attempts;

/// <summary>The form of an element's polling events, as the wizard's step and an instance's page have it.</summary>
public class EventForm
{
    public bool EventsEnabled { get; set; }

    public string CallbackUrl { get; set; } = "";

    /// <summary>The key that signs notifications; empty keeps the stored one.</summary>
    public string SignatureKey { get; set; } = "";

    public int Minutes { get; set; } = new EventSettings().Minutes;

    public IReadOnlyList<string> Resources { get; set; } = [];

    public string PollerConfiguration { get; set; } = "";

    /// <summary>What the services take.</summary>
    public EventSettings ToSettings() => new()
    {
        Enabled = EventsEnabled,
        CallbackUrl = CallbackUrl,
        Minutes = Minutes,
        Resources = Resources,
        PollerConfiguration = PollerConfiguration,
    };

    /// <summary>Fills the form with what is stored.</summary>
    public void Take(EventSettings events)
    {
        EventsEnabled = events.Enabled;
        CallbackUrl = events.CallbackUrl;
        Minutes = events.Minutes;
        Resources = events.Resources;
        PollerConfiguration = events.PollerConfiguration;
    }
}
