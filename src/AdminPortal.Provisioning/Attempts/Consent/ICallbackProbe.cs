using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>Tries whether the callback's address leads to the portal.</summary>
public interface ICallbackProbe
{
    /// <summary>Asks <see cref="PortalAddresses.ProbeUrl"/>. Whatever happens is an answer; only cancellation is thrown.</summary>
    Task<ProbeAnswer> ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>What came of it.</summary>
public enum ProbeAnswer
{
    /// <summary>A portal answered.</summary>
    Portal,

    /// <summary>Something else answered: a proxy's page, another program, a redirect.</summary>
    SomethingElse,

    /// <summary>Nobody answered, or not in time.</summary>
    NoAnswer,
}

/// <summary><see cref="ICallbackProbe"/> over HTTP. No redirect is followed: the provider's answer would lose its way there too.</summary>
internal sealed class HttpCallbackProbe(IHttpClientFactory httpClients, PortalAddresses addresses) : ICallbackProbe
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "callback-probe";

    /// <summary>The time within which the answer has to be there.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>The largest answer that is read; the portal's own is a word or two.</summary>
    public const int MaxResponseBytes = 4096;

    // Not held to OutgoingAddresses: it goes to the portal's own address from the settings alone, which inside a network may well
    // be a private one, and what answers there is compared with two words and shown to nobody.
    public static SocketsHttpHandler CreateHandler() => new() { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Limit, PooledConnectionLifetime = TimeSpan.FromMinutes(1) };

    public async Task<ProbeAnswer> ProbeAsync(CancellationToken cancellationToken)
    {
        using var http = httpClients.CreateClient(ClientName);
        try
        {
            using var response = await http.GetAsync(new Uri(addresses.ProbeUrl), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength is > MaxResponseBytes) return ProbeAnswer.SomethingElse;
            await response.Content.LoadIntoBufferAsync(MaxResponseBytes, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return text == PortalAddresses.ProbeText ? ProbeAnswer.Portal : ProbeAnswer.SomethingElse;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return ProbeAnswer.SomethingElse;
        }
        catch (HttpRequestException)
        {
            return ProbeAnswer.NoAnswer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeAnswer.NoAnswer;
        }
    }
}
