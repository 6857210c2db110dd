"""Which addresses are ours when mail is brought to us, and through which gateway it then comes."""

from __future__ import annotations

from podatelna.gateways.models import Gateway

from .models import ProcessAddress


def receiving_gateway(address: str) -> Gateway | None:
    """The gateway that takes mail for an address as RCPT TO has it, in any case, with or without a +detail; None: not
    ours. Addresses that are fetched from a mailbox are not: their mail is where its server put it.
    """
    return next((found for one in forms_of(address) if (found := _gateway(one)) is not None), None)


def forms_of(address: str) -> list[str]:
    """The address in lower case, then without its detail (RFC 5233: helpdesk+case-17@)."""
    local, at, domain = address.lower().rpartition("@")
    base = local.partition("+")[0]
    return [f"{local}{at}{domain}", *([f"{base}@{domain}"] if at and base and base != local else [])]


def _gateway(address: str) -> Gateway | None:
    receiving = Gateway.objects.filter(kind=Gateway.Kind.RECEIVING)
    row = ProcessAddress.objects.filter(address=address, gateway__in=receiving).select_related("gateway").first()
    # Until the gateway's own address has a process, what comes is kept and waits.
    return row.gateway if row else receiving.filter(address=address).first()
