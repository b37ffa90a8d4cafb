namespace AdminPortal.Features.Accounts;

/// <summary>Names the resource file with the texts of the platform accounts.</summary>
public sealed class AccountsText;
