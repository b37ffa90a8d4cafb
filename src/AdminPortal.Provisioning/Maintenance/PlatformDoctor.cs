using System.Globalization;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Doctor's examination of the platform accounts: whether each answers, accepts its credentials, and has the same time.</summary>
public sealed class PlatformDoctor(IElementsPlatform platform, PlatformProblems platformProblems, ElementCatalog catalog, IHttpClientFactory httpClients, TimeProvider clock)
{
    internal static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    internal async Task<IReadOnlyList<Finding>> ExamineAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var accounts = await db.Accounts.AsNoTracking().OrderBy(account => account.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        if (accounts.Count == 0) return [Finding.Ok("platforms", "There is no platform account yet.")];
        var asked = await Task.WhenAll(accounts.Select(account => AskAsync(account, cancellationToken))).ConfigureAwait(false);
        return [.. asked.SelectMany(found => found)];
    }

    private async Task<IReadOnlyList<Finding>> AskAsync(PlatformAccount account, CancellationToken cancellationToken)
    {
        var topic = $"platform \"{OutsideText.Clean(account.Name, 60)}\"";
        if (!Uri.TryCreate(account.BaseUrl, UriKind.Absolute, out var address)) return [Finding.Bad(topic, "Its address is not one.", "Enter it anew on the account's page.")];
        var outcome = await platform.GetElementConfigurationAsync(account, catalog.All[0].Key, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success)
            return [Finding.Bad(topic, platformProblems.From(outcome).Message, "Test the connection on the account's page, and mend what it names.")];

        List<Finding> findings = [Finding.Ok(topic, $"{address.Authority} was reached and accepted the credentials.")];
        if (await FindSkewAsync(address, cancellationToken).ConfigureAwait(false) is { } skew && skew.Duration() > Skew)
        {
            findings.Add(Finding.Warning(
                "clock", string.Create(CultureInfo.InvariantCulture, $"It is {skew.Duration().TotalMinutes:0.#} minutes {(skew > TimeSpan.Zero ? "ahead of" : "behind")} that of {address.Authority}."),
                "Set the system's clock and keep it in step (NTP)."));
        }

        return findings;
    }

    // What the server says in its Date header; asked without credentials.
    private async Task<TimeSpan?> FindSkewAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var http = httpClients.CreateClient(PlatformTransport.ClientName);
            using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return answer.Headers.Date is { } date ? clock.GetUtcNow() - date : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
