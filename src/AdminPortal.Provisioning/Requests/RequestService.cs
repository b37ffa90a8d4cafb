using System.Text.Encodings.Web;
using System.Text.Json;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Requests;

/// <summary>A person's own requests to an instance: what can be asked, sending it, and what came back.</summary>
public sealed class RequestService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    PlatformProblems problems,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    private const int MaxHeaderLength = 2000;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        // The text is shown, never executed as markup: Razor encodes it.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What the instance's own description offers; empty where the description offers nothing that the portal can send.</summary>
    public async Task<Result<ApiDescription>> ListOperationsAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } found) return Gone();
        var outcome = await platform.GetDocsAsync(found.Account, found.Instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<JsonElement>.Success success) return problems.From(outcome);
        return new ApiDescription(ApiDocs.Read(success.Value));
    }

    /// <summary>The curl command that would send this; nothing is sent.</summary>
    public async Task<Result<string>> WriteCurlAsync(Guid id, RequestInput input, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } found) return Gone();
        var request = RequestWriter.Write(input, texts);
        if (!request.Succeeded) return request.Problems.ToArray();
        return Open(found) is { } words ? words.Clean(Curl(found.Account, request.Value)) : Unreadable();
    }

    /// <summary>Sends it, once, and writes that down. A request that changes data needs to be allowed, whatever the screen says.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="input">What is to be sent.</param>
    /// <param name="actor">Who sends it.</param>
    /// <param name="cancellationToken">Gives up; only a request that reads is given up once it has left.</param>
    public async Task<Result<RequestAnswer>> SendAsync(Guid id, RequestInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.SendRequests, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } found) return Gone();
        var reads = input.Operation?.IsRead ?? true;
        if (!reads && !input.AllowWrites) return new Problem(ProblemKind.NotNow, texts["Request.WritesOff"], nameof(RequestInput.AllowWrites));
        var written = RequestWriter.Write(input, texts);
        if (!written.Succeeded) return written.Problems.ToArray();
        if (Open(found) is not { } words) return Unreadable();

        var request = written.Value;
        var path = words.Clean(request.PathAndQuery.Split('?')[0]);
        var outcome = await platform.SendAsync(found.Account, found.Instance.TokenOf, request, reads ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
        var answer = outcome is PlatformOutcome<InstanceResponse>.Success success ? Answer(found, request, path, success.Value, words) : null;
        var problem = answer is null ? problems.From(outcome) : null;

        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        db.Note(
            actor, clock.GetUtcNow(), ActivityAction.RequestSent, found.Instance, answer?.Status < 400,
            answer is null ? texts["Request.Unanswered", request.Method, path, problem!.Message] : texts["Request.Answered", request.Method, path, answer.Status]);
        // It was sent: that is written down even if the page was closed meanwhile.
        await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        return answer is null ? problem! : answer;
    }

    private static RequestAnswer Answer(Found found, InstanceRequest request, string path, InstanceResponse response, SecretWords words)
    {
        var headers = response.Headers
            .Select(header => KeyValuePair.Create(words.Clean(header.Key), Header(header.Value, words)))
            .ToList();
        // Once as it came, and once more when the escapes of JSON are gone.
        var body = words.Clean(Indent(words.Clean(response.Body, response.Truncated)), response.Truncated);
        var tooLong = body.Length > InstanceResponse.MaxBodyLength;
        return new RequestAnswer(
            request.Method, path, response.Status, headers, tooLong ? body[..InstanceResponse.MaxBodyLength] : body, response.Truncated || tooLong, words.Replaced,
            response.Duration, response.RequestId is { } requestId ? words.Clean(requestId) : null, words.Clean(Curl(found.Account, request)));
    }

    // The client cuts long headers and says so with an ellipsis.
    private static string Header(string value, SecretWords words) =>
        value.Length >= MaxHeaderLength && value.EndsWith('…') ? words.Clean(value[..^1], cut: true) + "…" : words.Clean(value);

    private static string Indent(string body)
    {
        if (body.Length == 0 || body[0] is not ('{' or '[' or ' ' or '\n' or '\r' or '\t')) return body;
        try
        {
            using var json = JsonDocument.Parse(body);
            return JsonSerializer.Serialize(json.RootElement, Indented);
        }
        // Not JSON after all, or cut off: it is shown as it came.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return body;
        }
    }

    private static string Curl(PlatformAccount account, InstanceRequest request) =>
        CurlCommand.Write(request.Method, $"{account.BaseUrl}/elements/api-v2{request.PathAndQuery}", withToken: true, request.Headers, request.Body);

    private SecretWords? Open(Found found)
    {
        try
        {
            var origin = found.Account.Origin;
            return new SecretWords(
                secrets.Open(found.Account.UserSecretOf, origin), secrets.Open(found.Account.OrganizationSecretOf, origin), secrets.Open(found.Instance.TokenOf, origin));
        }
        catch (SecretUnreadableException)
        {
            // Without them nothing can be sent either.
            return null;
        }
    }

    private async Task<Found?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return null;
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        return new Found(instance, account);
    }

    private Problem Gone() => new(ProblemKind.NotFound, texts["Instance.Gone"]);

    private Problem Unreadable() => new(ProblemKind.NotNow, texts[$"Unsent.{UnsentReason.SecretUnreadable}"]);

    private sealed record Found(ElementInstance Instance, PlatformAccount Account);
}
