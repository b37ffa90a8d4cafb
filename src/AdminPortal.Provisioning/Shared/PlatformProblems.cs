using AdminPortal.Domain;
using AdminPortal.Platform;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Shared;

/// <summary>Says in a sentence what an outcome other than success means.</summary>
public sealed class PlatformProblems(IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>The problem that the outcome is.</summary>
    /// <exception cref="ArgumentException">The outcome is a success.</exception>
    public Problem From<T>(PlatformOutcome<T> outcome) => outcome switch
    {
        PlatformOutcome<T>.Refused refused => new Problem(ProblemKind.Refused, Refusal(refused.Status, refused.Message, refused.ProviderMessage, refused.RequestId)),
        PlatformOutcome<T>.Unreachable unreachable => new Problem(ProblemKind.Unreachable, texts[$"Unsent.{unreachable.Reason}"]),
        PlatformOutcome<T>.Unknown unknown => new Problem(ProblemKind.Unknown, texts[$"Unclear.{unknown.Reason}", unknown.Status ?? 0, Quote(unknown.Message)] + RequestId(unknown.RequestId)),
        _ => throw new ArgumentException("A success is no problem.", nameof(outcome)),
    };

    private string Refusal(int status, string message, string? providerMessage, string? requestId)
    {
        var sentence = status switch
        {
            401 => texts["Refused.401", Quote(message)].Value,
            403 => texts["Refused.403", Quote(message)].Value,
            404 => texts["Refused.404", Quote(message)].Value,
            429 => texts["Refused.429"].Value,
            _ => texts["Refused.Other", status, Quote(message)].Value,
        };
        return sentence + (providerMessage is null ? "" : " " + texts["Refused.Provider", Quote(providerMessage)]) + RequestId(requestId);
    }

    private string RequestId(string? requestId) => requestId is null ? "" : " " + texts["RequestId", requestId];

    private static string Quote(string? message) => message is null ? "" : $"“{message.TrimEnd('.')}”";
}
